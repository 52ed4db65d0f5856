package io.posthaste.chaos;

import java.io.IOException;
import java.time.Duration;

/**
 * Every node is restarted, one after the other, while readers read and publishers publish: readers
 * are to notice nothing but a reconnect.
 */
final class RollingRestart {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final int BETWEEN = 20;

  private RollingRestart() {}

  /** Restarts them, and returns once publishers have gone on after the last. */
  static void of(Cluster cluster, Traffic traffic) throws IOException {
    for (Daemon node : cluster.nodes()) {
      long begin = System.nanoTime();
      node.stop(STOP_LIMIT);
      double stopped = (System.nanoTime() - begin) / 1e9;
      node.start();
      node.awaitReady(START_LIMIT);
      double ready = (System.nanoTime() - begin) / 1e9;
      System.out.printf(
          "%s stopped within %.1f s, ready again after %.1f s%n", node.host(), stopped, ready);
      traffic.awaitProgress(BETWEEN);
    }
  }
}
