package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A feed whose engine was interrupted more than once. */
final class FeedTest {
  private static final LogException AWAY = new LogException("away");

  private final Feed feed = new Feed(new TopicPattern("a"), 0, 1);

  /** Once it closed a feed that was open again, and its readers never heard anything more. */
  @Test
  void aFailureThatCameTooLateDoesNoHarm() {
    int first = feed.hears();
    int second = feed.interrupt();
    feed.open(7, second);
    assertThat(feed.fail(AWAY, first)).isFalse();
    assertThat(feed.opening()).isNull();
    assertThat(feed.acquire(0)).isTrue();
  }

  @Test
  void whoWaitsIsToldOfAFailure() {
    int asked = feed.hears();
    var opening = feed.opening();
    assertThat(feed.fail(AWAY, asked)).isTrue();
    assertThat(opening).isCompletedExceptionally();
    assertThat(feed.acquire(0)).isFalse();
  }
}
