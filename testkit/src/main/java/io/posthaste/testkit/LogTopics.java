package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Id;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Awkward topics stay apart from one another. */
interface LogTopics extends LogFixture {
  /** Each legal, each easily taken for another by a store that maps names carelessly. */
  List<String> AWKWARD =
      List.of(
          "/",
          "//",
          "a",
          "a/",
          "/a",
          "a//b",
          "a/b",
          "aa",
          "a.b",
          "a*b",
          "a>b",
          ">",
          "*",
          " ",
          "a b",
          "a%2Fb",
          "a\\b",
          "A",
          "é",
          "e\u0301",
          "\u00ff",
          "\u07ff",
          "\uffff",
          "\udbff\udfff",
          "\ud83d\ude00/x",
          "x".repeat(Topic.MAX_BYTES),
          "x".repeat(Topic.MAX_BYTES - 1),
          "\u20ac".repeat(341));

  @Test
  default void awkwardTopicsAreKeptApart() {
    for (String topic : AWKWARD) {
      publish(topic, "1 " + topic);
      publish(topic, "2 " + topic);
    }
    for (String topic : AWKWARD) {
      assertThat(texts(topic)).containsExactly("1 " + topic, "2 " + topic);
      assertThat(answer(log().latest(new Topic(topic))).orElseThrow().topic().name())
          .isEqualTo(topic);
      assertThat(answer(log().state(new Topic(topic))).orElseThrow().count()).isEqualTo(2);
      assertThat(texts(pageBefore(partition(topic), Long.MAX_VALUE, 1, topic).messages()))
          .containsExactly("2 " + topic);
    }
    assertThat(texts("#")).hasSize(2 * AWKWARD.size());
  }

  @Test
  default void patternsOverAwkwardTopicsMatchExactly() {
    AWKWARD.forEach(topic -> publish(topic, topic));
    for (String pattern : List.of("+", "a/#", "a/+", "/#", "+/+", "a/+/b", "/+")) {
      assertThat(texts(pattern))
          .isEqualTo(
              AWKWARD.stream()
                  .filter(topic -> new TopicPattern(pattern).matches(new Topic(topic)))
                  .toList());
    }
  }

  @Test
  default void aTopicIsAlwaysInTheSamePartition() {
    for (String topic : AWKWARD) {
      Id id = publish(topic, "x");
      assertThat(id.partition()).isEqualTo(log().partitionOf(new Topic(topic)));
      assertThat(log().partitionsOf(new TopicPattern(topic))).containsExactly(id.partition());
      assertThat(log().partitions()).contains(id.partition());
    }
  }
}
