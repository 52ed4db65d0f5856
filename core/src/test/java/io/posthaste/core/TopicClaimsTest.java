package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class TopicClaimsTest {
  private static List<TopicPattern> topics(String... topics) {
    return Stream.of(topics).map(TopicPattern::new).toList();
  }

  @Test
  void aTopicIsGivenToOneReaderOnly() {
    TopicClaims claims = new TopicClaims(10);
    assertThat(claims.claim(topics("a", "b/+"))).isNull();
    assertThat(claims.claim(topics("c", "a"))).isEqualTo("a");
    assertThat(claims.claim(topics("b/x"))).isEqualTo("b/+");
    assertThat(claims.claim(topics("+"))).isEqualTo("a");
    assertThat(claims.claim(topics("b/#"))).isEqualTo("b/+");
    assertThat(claims.claim(topics("c"))).isNull();
    claims.release(topics("a", "b/+"));
    assertThat(claims.claim(topics("b/#", "a"))).isNull();
  }

  @Test
  void aClaimIsRefusedExactlyIfItOverlapsWithAnother() {
    List<TopicPattern> all =
        topics(
            "a", "b", "a/", "/a", "/", "a/b", "ab", "a/b/c", "+", "#", "a/#", "a/+", "+/b", "+/+",
            "a/+/c", "+/b/#", "ab/#", "a/b/#", "$s", "$s/#", "+/", "/+");
    for (TopicPattern one : all) {
      for (TopicPattern other : all) {
        TopicClaims claims = new TopicClaims(10);
        claims.claim(List.of(one));
        assertThat(claims.claim(List.of(other)))
            .describedAs("%s, then %s", one, other)
            .isEqualTo(one.overlaps(other) ? one.text() : null);
      }
    }
  }

  @Test
  void manyThatBeginAlikeAreRefusedBeforeTheyCostTooMuch() {
    TopicClaims claims = new TopicClaims(100_000);
    for (int i = 0; i < 20_000; i++) {
      assertThat(claims.claim(topics("inbox/" + i + "/#"))).isNull();
    }
    List<TopicPattern> alike = IntStream.range(0, 1_000).mapToObj(i -> pattern(i)).toList();
    assertThat(claims.claim(alike)).isNull();
    List<TopicPattern> more = IntStream.range(1_000, 2_000).mapToObj(i -> pattern(i)).toList();
    assertThatThrownBy(() -> claims.claim(more)).hasMessageContaining("begin alike");
    assertThatThrownBy(() -> new TopicClaims(2).claim(topics("a", "b", "c")))
        .hasMessageContaining("at most 2");
  }

  private static TopicPattern pattern(int i) {
    return new TopicPattern("a/+/" + i);
  }
}
