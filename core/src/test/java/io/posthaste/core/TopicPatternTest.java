package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns against topics, by the rules of MQTT 5, 4.7. */
final class TopicPatternTest {
  private static final List<String> SEGMENTS = List.of("a", "b", "", "$a");

  @ParameterizedTest
  @CsvSource({
    // The examples of MQTT 5, 4.7.1 and 4.7.2.
    "sport/tennis/player1/#, sport/tennis/player1, true",
    "sport/tennis/player1/#, sport/tennis/player1/ranking, true",
    "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon, true",
    "sport/#, sport, true",
    "#, sport/tennis, true",
    "sport/tennis/+, sport/tennis/player1, true",
    "sport/tennis/+, sport/tennis/player1/ranking, false",
    "sport/+, sport, false",
    "sport/+, sport/, true",
    "+/tennis/#, sport/tennis, true",
    "+/+, /finance, true",
    "/+, /finance, true",
    "+, /finance, false",
    "#, $SYS, false",
    "#, $SYS/monitor, false",
    "+/monitor/Clients, $SYS/monitor/Clients, false",
    "$SYS/#, $SYS/monitor/Clients, true",
    "$SYS/#, $SYS, true",
    "$SYS/monitor/+, $SYS/monitor/Clients, true",
    // And what lies beside them.
    "sport/#, sports, false",
    "sport/#, spor, false",
    "a/+/#, a, false",
    "a/+/#, a/, true",
    "a/+/#, a/b, true",
    "a//#, a, false",
    "a//#, a/, true",
    "a//#, a//b, true",
    "/#, /, true",
    "/#, a, false",
    "+/#, a, true",
    "+/#, /, true",
    "+, a, true",
    "a/+/c, a//c, true",
    "a/+/c, a/b/b/c, false",
    "a, a/, false",
    "a/, a, false",
    "A, a, false",
    "a/$b, a/$b, true",
    "a/+, a/$b, true",
    "+/+/+, a/b, false",
  })
  void matches(String pattern, String topic, boolean expected) {
    assertThat(new TopicPattern(pattern).matches(new Topic(topic))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a#",
        "#a",
        "#/a",
        "a/#/b",
        "##",
        "a+",
        "+a",
        "a/b+/c",
        "++",
        "+#",
        "$+",
        "a\u0000b",
        "a\nb",
        "a\u007fb",
        "a\u0085b",
        "a\ud800",
        "\udc00a",
        "/#/"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> new TopicPattern(text))
        .isInstanceOf(MalformedException.class)
        .hasMessageStartingWith("pattern: ")
        .message()
        .doesNotContain("\n", "\u0000");
  }

  @ParameterizedTest
  @CsvSource({
    "*, +",
    "**, #",
    "a/*/b, a/+/b",
    "a/**, a/#",
    "a*b/**, a*b/#",
    "***, ***",
    "a/+, a/+"
  })
  void readsStarsAsUrlsSpellThem(String url, String pattern) {
    assertThat(TopicPattern.ofUrl(url).text()).isEqualTo(pattern);
  }

  @Test
  void isAtMost1024BytesLong() {
    assertThat(new TopicPattern("é".repeat(512)).isTopic()).isTrue();
    assertThatThrownBy(() -> new TopicPattern("é".repeat(512) + "a"))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("1025 bytes");
    assertThat(new TopicPattern("😀".repeat(256)).isTopic()).isTrue();
    assertThatThrownBy(() -> new TopicPattern("😀".repeat(256) + "a"))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void agreesWithAMatcherBySegmentsThatIsPlain() {
    Random random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      TopicPattern pattern = RandomTopics.pattern(random, SEGMENTS);
      Topic topic = RandomTopics.topic(random, SEGMENTS);
      assertThat(pattern.matches(topic))
          .as("%s matches %s", pattern, topic)
          .isEqualTo(plainly(pattern.text(), topic.name()));
    }
  }

  private static boolean plainly(String pattern, String topic) {
    if (topic.startsWith("$") && !pattern.startsWith("$")) {
      return false;
    }
    return plainly(Arrays.asList(pattern.split("/", -1)), Arrays.asList(topic.split("/", -1)));
  }

  private static boolean plainly(List<String> pattern, List<String> topic) {
    if (pattern.equals(List.of("#"))) {
      return true;
    }
    if (pattern.isEmpty() || topic.isEmpty()) {
      return pattern.isEmpty() && topic.isEmpty();
    }
    boolean here = pattern.get(0).equals("+") || pattern.get(0).equals(topic.get(0));
    return here && plainly(pattern.subList(1, pattern.size()), topic.subList(1, topic.size()));
  }

  @Test
  void whatMatchesBeginsWithThePrefix() {
    Random random = new Random(2);
    for (int i = 0; i < 100_000; i++) {
      TopicPattern pattern = RandomTopics.pattern(random, SEGMENTS);
      Topic topic = RandomTopics.topic(random, SEGMENTS);
      if (pattern.matches(topic)) {
        assertThat(topic.name()).as(pattern.text()).startsWith(pattern.prefix());
      }
    }
  }

  @Test
  void overlapsAndCoversSayWhatAllTopicsSay() {
    // One segment that no pattern names stands for all others.
    List<Topic> topics = topics(List.of("a", "b", "", "$a", "other"), 4);
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      TopicPattern one = RandomTopics.pattern(random, SEGMENTS);
      TopicPattern other = RandomTopics.pattern(random, SEGMENTS);
      assertThat(one.overlaps(other))
          .as("%s overlaps %s", one, other)
          .isEqualTo(topics.stream().anyMatch(t -> one.matches(t) && other.matches(t)));
      if (one.covers(other)) {
        assertThat(topics)
            .as("%s covers %s", one, other)
            .allMatch(t -> !other.matches(t) || one.matches(t));
      }
    }
  }

  private static List<Topic> topics(List<String> segments, int depth) {
    List<String> names = new ArrayList<>(segments);
    List<String> longest = names;
    for (int i = 1; i < depth; i++) {
      List<String> longer = new ArrayList<>();
      for (String name : longest) {
        segments.forEach(segment -> longer.add(name + "/" + segment));
      }
      names = new ArrayList<>(names);
      names.addAll(longer);
      longest = longer;
    }
    return names.stream().filter(name -> !name.isEmpty()).map(Topic::new).toList();
  }
}
