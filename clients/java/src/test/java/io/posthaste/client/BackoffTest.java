package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Pauses grow, have a cap, and are not the same for all. */
final class BackoffTest {
  private static Backoff backoff() {
    return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
  }

  @Test
  void eachPauseLiesBetweenHalfOfABoundThatDoublesAndTheBound() {
    Backoff backoff = backoff();
    for (long bound : new long[] {100, 200, 400, 800, 1_000, 1_000, 1_000}) {
      assertThat(backoff.next()).isBetween(Duration.ofMillis(bound / 2), Duration.ofMillis(bound));
    }
    assertThat(backoff.failures()).isEqualTo(7);
  }

  @Test
  void afterASuccessItBeginsAnew() {
    Backoff backoff = backoff();
    for (int i = 0; i < 100; i++) {
      backoff.next();
    }
    backoff.reset();
    assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(100));
  }

  @Test
  void clientsThatFailTogetherDoNotComeBackTogether() {
    Set<Duration> pauses = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      pauses.add(backoff().next());
    }
    assertThat(pauses).hasSizeGreaterThan(20);
  }
}
