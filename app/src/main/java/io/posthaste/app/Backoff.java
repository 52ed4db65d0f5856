package io.posthaste.app;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before trying again: at random below a bound that doubles with each failure up
 * to a cap, so that many clients who lost the same server do not come back together. Not to be
 * shared between threads.
 */
final class Backoff {
  private final long firstMillis;
  private final long capMillis;
  private final RandomGenerator random;
  private int failures;

  Backoff(Duration first, Duration cap, RandomGenerator random) {
    this.firstMillis = first.toMillis();
    this.capMillis = cap.toMillis();
    this.random = random;
  }

  /** A failure: how long to wait. Between half of the bound and the bound. */
  Duration next() {
    long bound = Math.min(capMillis, firstMillis << Math.min(failures, 20));
    failures++;
    return Duration.ofMillis(bound / 2 + random.nextLong(bound / 2 + 1));
  }

  /** How many failures since the last success. */
  int failures() {
    return failures;
  }

  /** A success. */
  void reset() {
    failures = 0;
  }
}
