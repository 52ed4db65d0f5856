package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.door.web.NativeClients;
import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Want;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of clients that come and go at random, by every technique, politely or not. */
final class ComingAndGoingTest {
  private static final int CONNECTIONS = 15_000;
  private static final int AT_ONCE = 500;

  @TempDir private Path directory;

  @Test
  void leavesNothingBehind() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> techniques = NativeClients.techniques();
    try (ServerProcess server =
        new ServerProcess(directory, List.of("-Xmx256m", "-Dio.netty.leakDetection.level=paranoid"))
            .start()) {
      double tails = server.metric("posthaste_tails"); // the server's own
      List<AutoCloseable> open = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        open.add(connect(server, techniques, random));
        if (open.size() > AT_ONCE) {
          open.remove(random.nextInt(open.size())).close();
        }
        if (i % 500 == 0) {
          server.batch("{\"topic\":\"come/" + random.nextInt(10) + "\",\"data\":" + i + "}\n", 1);
        }
      }
      for (AutoCloseable connection : open) {
        connection.close();
      }
      await("seed " + seed)
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                // The one that asks is still there.
                assertThat(server.metric("posthaste_connections")).isLessThanOrEqualTo(1);
                assertThat(server.metric("posthaste_readers")).isZero();
                assertThat(server.metric("posthaste_polls_held")).isZero();
                assertThat(server.metric("posthaste_tails")).isEqualTo(tails);
                assertThat(server.metric("posthaste_deadlines")).isLessThanOrEqualTo(2);
              });
      assertThat(server.stop()).isZero();
      assertThat(server.said()).doesNotContain("LEAK");
    }
  }

  private static AutoCloseable connect(ServerProcess server, List<String> techniques, Random random)
      throws Exception {
    if (random.nextInt(10) == 0) {
      Socket silent = new Socket(server.address().getAddress(), server.address().getPort());
      silent.setSoLinger(random.nextBoolean(), 0);
      return silent;
    }
    String technique = techniques.get(random.nextInt(techniques.size()));
    DoorClient client =
        NativeClients.open(
            technique, server.address(), Want.of("come/" + random.nextInt(10), "come/+"));
    return client;
  }
}
