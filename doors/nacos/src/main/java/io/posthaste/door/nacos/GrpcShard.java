package io.posthaste.door.nacos;

import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigView;
import io.posthaste.config.ConfigWaits;
import io.posthaste.config.Configs;
import io.posthaste.config.WaitRoom;
import io.posthaste.core.Shard;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The clients that are connected over gRPC to one shard. Owned by its thread. */
final class GrpcShard {
  final Shard shard;
  final Configs configs;
  final ConfigWaits<GrpcWait> waits;
  private final Map<Long, GrpcConnection> connections = new HashMap<>();
  private final Set<GrpcConnection> watching = new LinkedHashSet<>();

  GrpcShard(Shard shard, Configs configs, WaitRoom room) {
    this.shard = shard;
    this.configs = configs;
    this.waits = new ConfigWaits<>(shard, GrpcWait.class, room, 0);
  }

  /** The one that has introduced itself by a connection's stream; null if none has. */
  @Nullable GrpcConnection find(long number) {
    return connections.get(number);
  }

  void add(GrpcConnection connection) {
    GrpcConnection before = connections.put(connection.number(), connection);
    if (before != null && before != connection) {
      before.end(GrpcStatus.unavailable("another stream of this connection stands for it"));
    }
  }

  void remove(GrpcConnection connection) {
    connections.remove(connection.number(), connection);
    watching.remove(connection);
  }

  /** It wants to hear of configs whose names are like a pattern. */
  void watches(GrpcConnection connection) {
    watching.add(connection);
  }

  /** Tells those whom these changes concern. */
  void tell(List<ConfigKey> changed) {
    for (ConfigKey key : changed) {
      if (!waits.isWaitedFor(key)) {
        continue;
      }
      ConfigView view = configs.view(key);
      waits.tell(
          key,
          wait -> !Objects.equals(wait.md5, view.md5(wait.connection.instance())),
          wait -> wait.connection.tell(wait),
          () -> {});
    }
    for (GrpcConnection connection : new ArrayList<>(watching)) {
      connection.watched(changed);
    }
  }
}
