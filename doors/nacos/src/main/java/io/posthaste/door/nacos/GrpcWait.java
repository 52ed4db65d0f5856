package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigWaits;
import io.posthaste.config.Md5;
import io.posthaste.door.nacos.Listening.Spelling;
import org.jspecify.annotations.Nullable;

/**
 * That a client listens to a config over gRPC; and the notice that it has changed. There are many:
 * fields are few on purpose.
 */
final class GrpcWait extends ConfigWaits.Wait implements Notice {
  final GrpcConnection connection;
  Spelling spelling;
  @Nullable Md5 md5; // that the client has said it has; shared with whoever knows it too

  GrpcWait(GrpcConnection connection, Spelling spelling, @Nullable Md5 md5) {
    this.connection = connection;
    this.spelling = spelling;
    this.md5 = md5;
  }

  @Override
  public String type() {
    return "ConfigChangeNotifyRequest";
  }

  @Override
  public @Nullable ObjectNode json() {
    if (!connection.hasOther(this)) {
      return null;
    }
    connection.follower().told(key());
    ObjectNode json = Answers.JSON.createObjectNode();
    GrpcListening.name(json, key(), spelling);
    return json;
  }

  /**
   * Not before it says that it has another version: a client of line 2.0 may forget that it was
   * told, if it was while it was comparing.
   */
  @Override
  public boolean onAcknowledged() {
    return false;
  }
}
