package io.posthaste.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Append;
import io.posthaste.core.Hub;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.engine.rocksdb.RocksLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
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

  @Test
  void largeContentsAreKnownToo() throws Exception {
    int count = 20;
    try (RocksLog log = open()) {
      for (int i = 0; i < count; i++) {
        log.append(List.of(large(i, "old"))).toCompletableFuture().get(30, SECONDS);
      }
    }
    try (RocksLog log = open();
        Hub hub = new Hub(log);
        Configs configs = new Configs(hub)) {
      while (!configs.isReady()) {
        Thread.onSpinWait(); // to look at the very moment
      }
      Map<ConfigKey, Md5> expected = new HashMap<>();
      for (int i = 0; i < count; i++) {
        expected.put(key(i), Md5.of(large(i, "old").payload()));
        assertThat(configs.md5(key(i))).as("config %s", i).isEqualTo(expected.get(key(i)));
      }
      List<ConfigKey> heard = new CopyOnWriteArrayList<>();
      configs.listen(heard::addAll);
      // As another node would publish: this one learns of them by reading only.
      List<Append> news = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Append small = Append.of(key(i).topic(), "text/plain", Payload.of("small"));
        news.add(i % 2 == 0 ? large(i, "new") : small);
        expected.put(key(i), Md5.of(news.get(i).payload()));
      }
      log.append(news).toCompletableFuture().get(30, SECONDS);
      await().atMost(60, SECONDS).until(() -> heard.size() == count);
      assertThat(heard)
          .containsExactlyElementsOf(IntStream.range(0, count).mapToObj(RestartTest::key).toList());
      for (int i = 0; i < count; i++) {
        assertThat(configs.md5(key(i))).as("config %s", i).isEqualTo(expected.get(key(i)));
      }
      // And by publishing.
      Payload newest = large(0, "newest").payload();
      Changed done =
          configs
              .publish(key(0), newest, ConfigAttributes.NONE, Expected.ANYTHING)
              .toCompletableFuture()
              .get(30, SECONDS);
      assertThat(done).isInstanceOf(Changed.Done.class);
      assertThat(configs.md5(key(0))).isEqualTo(Md5.of(newest));
    }
  }

  private static Append large(int i, String what) {
    String text = (what + i + " ").repeat(2 * Digests.LARGE_BYTES / 4);
    return Append.of(key(i).topic(), "text/plain", Payload.of(text));
  }
}
