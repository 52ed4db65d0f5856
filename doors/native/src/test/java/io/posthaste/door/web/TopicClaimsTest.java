package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.TopicPattern;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class TopicClaimsTest {
  private static List<TopicPattern> topics(String... topics) {
    return Stream.of(topics).map(TopicPattern::new).toList();
  }

  @Test
  void aTopicIsGivenToOneReaderOnly() {
    TopicClaims claims = new TopicClaims();
    assertThat(claims.claim(topics("a", "b/+"))).isNull();
    assertThat(claims.claim(topics("c", "a"))).isEqualTo("a");
    assertThat(claims.claim(topics("b/x"))).isEqualTo("b/+");
    assertThat(claims.claim(topics("+"))).isEqualTo("a");
    assertThat(claims.claim(topics("b/#"))).isEqualTo("b/+");
    assertThat(claims.claim(topics("c"))).isNull();
    claims.release(topics("a", "b/+"));
    assertThat(claims.claim(topics("b/#", "a"))).isNull();
  }
}
