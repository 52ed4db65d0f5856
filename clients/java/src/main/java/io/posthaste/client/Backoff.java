package io.posthaste.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait after so many failures in a row. To be used by one thread. */
final class Backoff {
  private final long firstMillis;
  private final long longestMillis;
  private int failures;

  Backoff(Duration first, Duration longest) {
    this.firstMillis = first.toMillis();
    this.longestMillis = longest.toMillis();
  }

  /** One more failure: the pause, between half of the bound and the bound. */
  Duration next() {
    long bound = Math.min(longestMillis, firstMillis << Math.min(failures, 16));
    failures++;
    return Duration.ofMillis(bound / 2 + ThreadLocalRandom.current().nextLong(bound / 2 + 1));
  }

  int failures() {
    return failures;
  }

  void reset() {
    failures = 0;
  }
}
