package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.InstantSource;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SplitLogTest {
  private static final Policies POLICIES =
      new Policies(
          Stream.of("typing/kept/#=count:1", "typing/#=memory", "+/ring=memory")
              .map(Policies.Rule::parse)
              .toList());

  @Test
  void aPatternIsReadOnlyWhereItsTopicsMayBe() {
    try (SplitLog log = new SplitLog(part("e", 0), part("e", 1), POLICIES)) {
      assertThat(log.partitionsOf(new TopicPattern("a/#"))).containsExactly(0, 1);
      assertThat(log.partitionsOf(new TopicPattern("a/b/#"))).containsExactly(0);
      assertThat(log.partitionsOf(new TopicPattern("typing/a/#"))).containsExactly(1);
      assertThat(log.partitionsOf(new TopicPattern("typing/#"))).containsExactly(0, 1);
      assertThat(log.partitionsOf(new TopicPattern("typing/kept/+"))).containsExactly(0);
      assertThat(log.partitionsOf(new TopicPattern("typing"))).containsExactly(1);
      assertThat(log.partitionsOf(new TopicPattern("$consumers/#"))).containsExactly(0);
      assertThat(log.partitionsOf(TopicPattern.ALL)).containsExactly(0, 1);
    }
  }

  @Test
  void refusesLogsThatAreNotOfOneEpoch() {
    assertThatThrownBy(() -> new SplitLog(part("e", 0), part("f", 1), POLICIES))
        .hasMessageContaining("expected: one epoch");
    assertThatThrownBy(() -> new SplitLog(part("e", 1), part("e", 1), POLICIES))
        .hasMessageContaining("no partition in common");
  }

  @Test
  void patternsOverlapWhereSomeTopicMatchesBoth() {
    assertOverlap(true, "a/#", "a", "a/b", "a/+/c", "+", "#", "+/b/#");
    assertOverlap(false, "a/#", "b", "ab", "b/#", "$a/#");
    assertOverlap(true, "a/+", "a/b", "+/b", "a/#", "#");
    assertOverlap(false, "a/+", "a", "a/b/c", "+/b/c/#", "$a/b");
  }

  private static void assertOverlap(boolean expected, String one, String... others) {
    for (String other : others) {
      assertThat(new TopicPattern(one).overlaps(new TopicPattern(other)))
          .as(one + " and " + other)
          .isEqualTo(expected);
      assertThat(new TopicPattern(other).overlaps(new TopicPattern(one))).isEqualTo(expected);
    }
  }

  @Test
  void aPatternCoversWhatIsNarrower() {
    assertCovers(true, "a/#", "a", "a/b", "a/+", "a/#", "a/b/#", "a/+/#");
    assertCovers(false, "a/#", "#", "+", "b", "+/b");
    assertCovers(true, "#", "a", "+/b", "#");
    assertCovers(false, "#", "$a", "$a/#");
    assertCovers(true, "a/+", "a/b", "a/+");
    assertCovers(false, "a/+", "a/#", "a", "a/b/c");
  }

  private static void assertCovers(boolean expected, String one, String... others) {
    for (String other : others) {
      assertThat(new TopicPattern(one).covers(new TopicPattern(other)))
          .as(one + " over " + other)
          .isEqualTo(expected);
    }
  }

  private static MemoryLog part(String epoch, int partition) {
    return new MemoryLog(
        new MemoryLog.Options(epoch, partition, 0, POLICIES, 1 << 20, InstantSource.system()));
  }
}
