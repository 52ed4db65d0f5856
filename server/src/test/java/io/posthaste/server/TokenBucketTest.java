package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void givesWhatItHoldsAtOnceAndThenWhatFlowsIn() {
    TokenBucket bucket = new TokenBucket(10, 3, 0);
    for (int i = 0; i < 3; i++) {
      assertThat(bucket.take(1, 0)).isZero();
    }
    assertThat(bucket.take(1, 0)).isCloseTo(SECOND / 10, within(10L));
    assertThat(bucket.take(1, SECOND / 10 - 100)).isPositive();
    assertThat(bucket.take(1, SECOND / 10 + 100)).isZero();
    assertThat(bucket.take(1, SECOND / 10 + 100)).isPositive();
  }

  @Test
  void holdsNoMoreHoweverLongNobodyAsks() {
    TokenBucket bucket = new TokenBucket(10, 3, 0);
    assertThat(bucket.take(3, 1_000 * SECOND)).isZero();
    assertThat(bucket.isFull(1_000 * SECOND)).isFalse();
    assertThat(bucket.take(1, 1_000 * SECOND)).isPositive();
    assertThat(bucket.isFull(1_001 * SECOND)).isTrue();
  }

  @Test
  void letsMuchAtOnceGoOnceAndHasItWaitedForAfterwards() {
    TokenBucket bucket = new TokenBucket(10, 3, 0);
    assertThat(bucket.take(100, 0)).isZero();
    assertThat(bucket.take(1, 0)).isCloseTo(98 * SECOND / 10, within(10L));
  }

  @Test
  void aClockThatStandsOrGoesBackGivesNothing() {
    TokenBucket bucket = new TokenBucket(1_000, 1, SECOND);
    assertThat(bucket.take(1, SECOND)).isZero();
    assertThat(bucket.take(1, 0)).isPositive();
    assertThat(bucket.take(1, -SECOND)).isPositive();
  }

  @Test
  void neverGivesMoreThanTheRateHoweverItIsAsked() {
    SplittableRandom random = new SplittableRandom(11);
    for (int run = 0; run < 200; run++) {
      double perSecond = random.nextDouble(0.5, 5_000);
      int most = 1 + random.nextInt(50);
      TokenBucket bucket = new TokenBucket(perSecond, most, 0);
      long nanos = 0;
      long given = 0;
      for (int i = 0; i < 2_000; i++) {
        nanos += random.nextLong(SECOND / 500);
        given += bucket.take(1, nanos) == 0 ? 1 : 0;
      }
      assertThat((double) given).isLessThanOrEqualTo(most + perSecond * nanos / SECOND + 1);
    }
  }
}
