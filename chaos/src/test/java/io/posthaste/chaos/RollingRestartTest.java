package io.posthaste.chaos;

import io.posthaste.testkit.Unshared;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every node is restarted, one after the other, while readers read and publishers publish. */
final class RollingRestartTest {
  @TempDir private Path directory;

  @Test
  void readersNoticeNothingButAReconnect() throws Exception {
    ChaosTest.unshared(Duration.ofMinutes(3), Restarts.class, directory.toString());
  }

  /** What is done in namespaces of its own. */
  static final class Restarts {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final int BETWEEN = 20;

    private Restarts() {}

    public static void main(String[] arguments) throws Exception {
      try (Cluster cluster = Cluster.start(Path.of(arguments[0]))) {
        Traffic traffic = new Traffic(cluster, 1);
        try {
          traffic.awaitProgress(BETWEEN);
          for (Daemon node : cluster.nodes()) {
            long begin = System.nanoTime();
            node.stop(STOP_LIMIT);
            double seconds = (System.nanoTime() - begin) / 1e9;
            System.out.printf("%s stopped within %.1f s%n", node.host(), seconds);
            node.start();
            node.awaitReady(Duration.ofSeconds(30));
            traffic.awaitProgress(BETWEEN);
          }
          traffic.end();
          traffic.judge();
        } finally {
          System.out.println(traffic);
        }
      }
      Unshared.passed();
      System.exit(0); // whatever a reader still waits for
    }
  }
}
