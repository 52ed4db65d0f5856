package io.posthaste.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Hub;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.engine.rocksdb.RocksLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configs on disk. */
final class RestartTest {
  private static final int CONFIGS = 3_000;

  @TempDir private Path directory;

  private RocksLog open() {
    Policies kept = new Policies(ConfigPolicy.before(List.of()));
    return RocksLog.open(RocksLog.Options.of(directory, kept));
  }

  private static ConfigKey key(int i) {
    return new ConfigKey("", "G", "c" + i);
  }

  @Test
  void readyMeansThatAllAreKnown() throws Exception {
    List<Append> all = new ArrayList<>();
    for (int i = 0; i < CONFIGS; i++) {
      all.add(Append.of(key(i).topic(), "text/plain", Payload.of("old")));
      all.add(Append.of(key(i).topic(), "text/plain", Payload.of("v" + i)));
    }
    all.add(Append.tombstone(key(0).topic()));
    try (RocksLog log = open()) {
      log.append(all).toCompletableFuture().get(30, SECONDS);
    }
    try (RocksLog log = open();
        Hub hub = new Hub(log);
        Configs configs = new Configs(hub)) {
      while (!configs.isReady()) {
        Thread.onSpinWait(); // to look at the very moment
      }
      assertThat(configs.md5(key(0))).isNull();
      for (int i = 1; i < CONFIGS; i++) {
        assertThat(configs.md5(key(i))).as("config %s", i).isEqualTo(Md5.of(Payload.of("v" + i)));
      }
      assertThat(configs.get(key(7)).toCompletableFuture().get(10, SECONDS).orElseThrow().content())
          .isEqualTo(Payload.of("v7"));
    }
  }
}
