package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
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

  @Test
  void twoPatternsOverlapIfThereIsATopicOfBoth() {
    List<String> names = new ArrayList<>(List.of("a", "b", "", "$s"));
    for (int round = 0; round < 2; round++) {
      for (String name : List.copyOf(names)) {
        if (name.chars().filter(c -> c == '/').count() == round) {
          Stream.of("a", "b", "").forEach(segment -> names.add(name + "/" + segment));
        }
      }
    }
    names.removeIf(String::isEmpty);
    List<TopicPattern> patterns = new ArrayList<>();
    for (String text :
        List.of(
            "a", "a/b", "+", "#", "a/#", "a/+", "+/b", "+/+", "a/+/b", "+/b/#", "$s/#", "$s", "/",
            "+/", "/+", "a/b/#", "+/a/+")) {
      patterns.add(new TopicPattern(text));
    }
    for (TopicPattern one : patterns) {
      for (TopicPattern other : patterns) {
        boolean shared =
            names.stream()
                .map(Topic::new)
                .anyMatch(topic -> one.matches(topic) && other.matches(topic));
        assertThat(TopicClaims.overlap(one.text(), other.text()))
            .describedAs("%s and %s", one, other)
            .isEqualTo(shared);
      }
    }
  }
}
