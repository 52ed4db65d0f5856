package io.posthaste.app.demo;

import java.time.Clock;
import java.time.Duration;

/** How often something may be done: so often at once, and once more whenever a while has passed. */
final class Allowance {
  private final int most;
  private final long oneMoreMillis;
  private final Clock clock;
  private double left;
  private long countedAt;

  Allowance(int most, Duration oneMore, Clock clock) {
    this.most = most;
    this.oneMoreMillis = oneMore.toMillis();
    this.clock = clock;
    this.left = most;
    this.countedAt = clock.millis();
  }

  /** Takes one, if there is one. */
  synchronized boolean take() {
    count();
    if (left < 1) {
      return false;
    }
    left -= 1;
    return true;
  }

  /** Gives one back that was not needed. */
  synchronized void giveBack() {
    left = Math.min(most, left + 1);
  }

  /** In how many seconds there is one again. */
  synchronized long secondsToNext() {
    count();
    return left >= 1 ? 0 : (long) Math.ceil((1 - left) * oneMoreMillis / 1000);
  }

  private void count() {
    long now = clock.millis();
    left = Math.min(most, left + (double) Math.max(0, now - countedAt) / oneMoreMillis);
    countedAt = now;
  }
}
