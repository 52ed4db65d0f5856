package io.posthaste.door.nacos;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Expected;
import io.posthaste.core.Payload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client that watches a pattern is told, whenever it acknowledges. */
final class FuzzyWatchTest {
  private static final ConfigKey KEY = new ConfigKey("", "G", "a");

  private NacosServer server;
  private RawGrpc client;

  @BeforeEach
  void start() throws Exception {
    server = new NacosServer();
    client = new RawGrpc(server).connected();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  private void watch() throws Exception {
    ObjectNode watch =
        RawGrpc.json()
            .put("groupKeyPattern", "public>>G>>*")
            .put("watchType", "WATCH")
            .put("initializing", true);
    watch.putArray("receivedGroupKeys");
    GrpcMessage answer = client.call("ConfigFuzzyWatchRequest", watch);
    assertThat(GrpcMessage.text(answer.json(), "errorCode")).isIn("0", "");
    GrpcMessage sync;
    do {
      sync = client.message(RawGrpc.STREAM);
      if (sync.type().equals("ConfigFuzzyWatchSyncRequest")) {
        client.acknowledge(sync);
      }
    } while (!sync.json().path("syncType").asText().startsWith("FINISH"));
  }

  /** The next that is told of a change, but not the same again. */
  private GrpcMessage change(String other) throws Exception {
    while (true) {
      GrpcMessage message = client.message(RawGrpc.STREAM);
      if (message.type().equals("ConfigFuzzyWatchChangeNotifyRequest")
          && !message.json().path("changeType").asText().equals(other)) {
        return message;
      }
    }
  }

  private void publish() throws Exception {
    server
        .configs
        .publish(KEY, Payload.of("x"), ConfigAttributes.NONE, Expected.ANYTHING)
        .toCompletableFuture()
        .get(30, SECONDS);
  }

  private void delete() throws Exception {
    server
        .configs
        .remove(KEY, ConfigAttributes.NONE, Expected.ANYTHING)
        .toCompletableFuture()
        .get(30, SECONDS);
  }

  private static String type(GrpcMessage change) {
    return change.json().path("changeType").asText();
  }

  @Test
  void whatGoesBeforeItsComingIsAcknowledgedIsToldToo() throws Exception {
    watch();
    publish();
    GrpcMessage came = change("");
    assertThat(type(came)).isEqualTo("ADD_CONFIG");
    delete();
    client.acknowledge(came);
    GrpcMessage went = change("ADD_CONFIG");
    assertThat(type(went)).isEqualTo("DELETE_CONFIG");

    publish();
    client.acknowledge(went);
    assertThat(type(change("DELETE_CONFIG"))).isEqualTo("ADD_CONFIG");
  }

  @Test
  void whatGoesIsToldAlsoIfItsComingIsNeverAcknowledged() throws Exception {
    watch();
    publish();
    assertThat(type(change(""))).isEqualTo("ADD_CONFIG");
    delete();
    assertThat(type(change("ADD_CONFIG"))).isEqualTo("DELETE_CONFIG"); // when it is said again
  }
}
