package io.posthaste.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Id;
import io.posthaste.core.Payload;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is known of gray versions. */
final class GraysTest {
  private static final ConfigKey KEY = new ConfigKey("", "G", "a");

  private final Grays grays = new Grays();

  private void learn(String name, long sequence) {
    GrayKey key = new GrayKey(KEY, name);
    grays.learn(
        key,
        sequence,
        new GrayVersion(
            key,
            new Id("e", 0, sequence),
            0,
            Md5.of(Payload.of(name)),
            1,
            ConfigAttributes.NONE,
            GrayRule.share(100),
            Rollout.through(List.of(), Duration.ZERO, null)));
  }

  private void lose(String name, long sequence) {
    grays.learn(new GrayKey(KEY, name), sequence, null);
  }

  @Test
  void whatIsGoneIsNotKeptForEverAndDoesNotComeBack() {
    for (int i = 0; i < 1_000; i++) {
      learn("g" + i, 2 * i);
      lose("g" + i, 2 * i + 1);
    }
    assertThat(grays.known(KEY)).isEqualTo(Grays.MOST_GONE);
    learn("g999", 1_998); // late
    assertThat(grays.of(KEY)).isEmpty();
  }

  @Test
  void oneTooManyIsNotLookedAtButFoundByWhoeverFinishesIt() {
    for (int i = 0; i <= Grays.MAX; i++) {
      learn("g" + i, i);
    }
    assertThat(grays.of(KEY)).hasSize(Grays.MAX);
    assertThat(grays.all()).hasSize(Grays.MAX + 1);
    lose("g0", 100);
    assertThat(grays.of(KEY)).hasSize(Grays.MAX);
  }
}
