package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PublishRateTest {
  private final AtomicLong nanos = new AtomicLong();
  private final PublishRate rate = PublishRate.of(1, nanos::get);

  @Test
  void holdsEachPublisherToIt() {
    assertThat(rate.take("a", 2)).isZero();
    assertThat(rate.take("a", 1)).isPositive();
    assertThat(rate.take("b", 1)).isZero();
    assertThat(rate.refused()).isEqualTo(1);
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(rate.take("a", 1)).isZero();
  }

  @Test
  void nobodyIsHeldToNone() {
    assertThat(PublishRate.UNLIMITED.take("a", Integer.MAX_VALUE)).isZero();
    assertThat(PublishRate.UNLIMITED.take("a", Integer.MAX_VALUE)).isZero();
  }

  @Test
  void aNetworkOfIpv6IsOnePublisher() throws UnknownHostException {
    assertThat(rate.take(InetAddress.getByName("2001:db8::1"), 2)).isZero();
    assertThat(rate.take(InetAddress.getByName("2001:db8::ffff:2"), 1)).isPositive();
    assertThat(rate.take(InetAddress.getByName("2001:db8:0:1::1"), 1)).isZero();
    assertThat(rate.take(InetAddress.getByName("192.0.2.1"), 1)).isZero();
    assertThat(rate.take(InetAddress.getByName("192.0.2.2"), 1)).isZero();
  }

  @Test
  void remembersNoMoreThanSoManyAndForgetsIdleOnesFirst() {
    for (int i = 0; i < 100_000; i++) {
      assertThat(rate.take(i, 1)).isZero();
    }
    // All of them have published just now: whoever else comes shares what one may.
    assertThat(rate.take("late", 2)).isZero();
    assertThat(rate.take("later", 1)).isPositive();
    nanos.addAndGet(Duration.ofSeconds(60).toNanos());
    assertThat(rate.take("late", 1)).isZero();
    assertThat(rate.take("latest", 1)).isZero();
    assertThat(rate.take("latest", 1)).isZero();
    assertThat(rate.take("latest", 1)).isPositive();
  }
}
