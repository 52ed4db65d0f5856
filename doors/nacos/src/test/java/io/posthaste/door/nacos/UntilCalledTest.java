package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.engine.rocksdb.RocksLog;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** How long it takes from a client's publish until a client's listener has been called. */
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "measures for a minute; ./test --long runs it")
final class UntilCalledTest {
  private static final String GROUP = "G";
  private static final String CONFIG = "until-called";
  private static final int WARM = 30;
  private static final int ROUNDS = 100;

  /** Clients get one config five times a second at the most: who is faster measures that. */
  private static final long PAUSE_MILLIS = 250;

  @TempDir private Path directory;

  /** For docs/benchmarks.md: line 1.x beside a stub, in turn; the others speak gRPC. */
  @Test
  void figures() throws Exception {
    RocksLog log = RocksLog.open(RocksLog.Options.of(directory, NacosServer.KEPT)); // durable
    try (NacosServer server = new NacosServer(log, 0, 1 << 20);
        StubServer stub = new StubServer()) {
      try (NacosClient atServer = ClientLine.V1_4_8.connect(server.place());
          NacosClient atStub = ClientLine.V1_4_8.connect(stub.place())) {
        Called ours = new Called(ClientLine.V1_4_8 + ", Posthaste", atServer);
        Called bare = new Called(ClientLine.V1_4_8 + ", a bare stub", atStub);
        for (int i = 0; i < WARM + ROUNDS; i++) {
          ours.publish(i);
          bare.publish(i);
        }
        long ratio = 100 * ours.print() / bare.print();
        System.out.printf("until called: %d %% of the stub's%n", ratio);
      }
      for (ClientLine line : new ClientLine[] {ClientLine.V2_5_1, ClientLine.V3_2_1}) {
        try (NacosClient client = line.connect(server.place())) {
          Called ours = new Called(line + ", Posthaste", client);
          for (int i = 0; i < WARM + ROUNDS; i++) {
            ours.publish(i);
          }
          ours.print();
        }
      }
    }
  }

  /** A client that listens to what it publishes. */
  private static final class Called {
    private final String name;
    private final NacosClient client;
    private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final long[] micros = new long[ROUNDS];

    Called(String name, NacosClient client) throws Exception {
      this.name = name;
      this.client = client;
      client.publish(CONFIG, GROUP, "first", "text");
      client.listen(CONFIG, GROUP, heard::add);
    }

    void publish(int round) throws Exception {
      String content = "round " + round;
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      long before = System.nanoTime();
      assertThat(client.publish(CONFIG, GROUP, content, "text")).isTrue();
      String called;
      do {
        called = heard.poll(60, TimeUnit.SECONDS);
        assertThat(called).as("what is heard after %s of %s", content, name).isNotNull();
      } while (!content.equals(called));
      if (round >= WARM) {
        micros[round - WARM] = (System.nanoTime() - before) / 1_000;
      }
    }

    /** Prints the figures, and returns the median. */
    long print() {
      Arrays.sort(micros);
      System.out.printf(
          "until called: %s: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms%n",
          name,
          micros[ROUNDS / 2] / 1e3,
          micros[ROUNDS * 9 / 10] / 1e3,
          micros[ROUNDS * 99 / 100] / 1e3);
      return micros[ROUNDS / 2];
    }
  }
}
