package io.posthaste.engine.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SubjectsTest {
  private static final String PREFIX = "p.log.0.";

  /** What is awkward to NATS, to JSON or to us comes up often. */
  private static final String LETTERS = "ab/.*>% $_-\"\\'{}\u00e9\u20ac\uffff\u2028AZ09";

  @Test
  void topicsAreTokens() {
    assertThat(Subjects.of(PREFIX, new Topic("chat/room 1//\u00e9")))
        .isEqualTo("p.log.0.chat.room%201.%.%C3%A9");
    assertThat(Subjects.of(PREFIX, new Topic("/"))).isEqualTo("p.log.0.%.%");
    assertThat(Subjects.of(PREFIX, new Topic("\ud83d\ude00"))).isEqualTo("p.log.0.%F0%9F%98%80");
  }

  @Test
  void patternsAreFilters() {
    assertThat(Subjects.of(PREFIX, new TopicPattern("#"))).containsExactly("p.log.0.>");
    assertThat(Subjects.of(PREFIX, new TopicPattern("a/+/b"))).containsExactly("p.log.0.a.*.b");
    assertThat(Subjects.of(PREFIX, new TopicPattern("a/#")))
        .containsExactly("p.log.0.a", "p.log.0.a.>");
    assertThat(Subjects.of(PREFIX, new TopicPattern("/#")))
        .containsExactly("p.log.0.%", "p.log.0.%.>");
  }

  @Test
  void everyTopicComesBackFromItsSubjectAndNoTwoShareOne() {
    long seed = Long.getLong("posthaste.seed", System.nanoTime());
    System.out.println("random topics: -Dposthaste.seed=" + seed);
    Random random = new Random(seed);
    Map<String, Topic> subjects = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      Topic topic = randomTopic(random);
      String subject = Subjects.of(PREFIX, topic);
      assertThat(Subjects.topic(PREFIX, subject)).isEqualTo(topic);
      assertThat(subject)
          .matches("p\\.log\\.0(\\.[!-\\-/-~]+)+")
          .doesNotContain("*", ">", "\"", "\\");
      assertThat(subjects.merge(subject, topic, (one, other) -> one)).isEqualTo(topic);
    }
  }

  @Test
  void theLongestTopicFitsAServersControlLine() {
    for (String letter : List.of("x", "\u00e9", "\u20ac", "\ud83d\ude00", " ", "/")) {
      String name = letter.repeat(Topic.MAX_BYTES / letter.getBytes(StandardCharsets.UTF_8).length);
      String subject = Subjects.of("posthaste.live.1000.", new Topic(name));
      assertThat(subject).hasSizeLessThan(3_200);
      assertThat(Subjects.topic("posthaste.live.1000.", subject).name()).isEqualTo(name);
    }
  }

  @Test
  void whatMatchesAPatternHasASubjectThatMatchesAFilterOfIts() {
    Random random = new Random(7);
    List<TopicPattern> patterns =
        List.of(
            new TopicPattern("#"),
            new TopicPattern("a/#"),
            new TopicPattern("+/b"),
            new TopicPattern("/+/#"),
            new TopicPattern("+"));
    for (int i = 0; i < 20_000; i++) {
      Topic topic = randomTopic(random);
      String subject = Subjects.of(PREFIX, topic);
      for (TopicPattern pattern : patterns) {
        boolean filtered =
            Subjects.of(PREFIX, pattern).stream().anyMatch(filter -> matches(filter, subject));
        assertThat(filtered || !pattern.matches(topic)).as("%s %s", pattern, topic).isTrue();
        assertThat(pattern.matches(topic) || !filtered || topic.isReserved())
            .as("%s %s", pattern, topic)
            .isTrue();
      }
    }
  }

  /** As NATS' servers match. */
  private static boolean matches(String filter, String subject) {
    String[] wanted = filter.split("\\.");
    String[] tokens = subject.split("\\.");
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals(">")) {
        return tokens.length > i;
      }
      if (i >= tokens.length || !wanted[i].equals("*") && !wanted[i].equals(tokens[i])) {
        return false;
      }
    }
    return wanted.length == tokens.length;
  }

  @Test
  void subjectsThatNoTopicHasAreRefused() {
    for (String subject :
        List.of("p.log.1.a", "p.log.0.%2", "p.log.0.%zz", "p.log.0.%00", "p.log.0.%2.a")) {
      {
        assertThatThrownBy(() -> Subjects.topic(PREFIX, subject))
            .as(subject)
            .isInstanceOf(MalformedException.class);
      }
    }
  }

  private static Topic randomTopic(Random random) {
    StringBuilder name = new StringBuilder();
    int length = 1 + random.nextInt(random.nextInt(10) == 0 ? 60 : 6);
    for (int i = 0; i < length; i++) {
      name.append(
          random.nextInt(20) == 0
              ? "\ud83d\ude00"
              : "" + LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return new Topic(name.toString());
  }
}
