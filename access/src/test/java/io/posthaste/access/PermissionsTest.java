package io.posthaste.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What grants give, held against every topic of a small world. */
final class PermissionsTest {
  private static final List<String> SEGMENTS = List.of("a", "b", "", "me");

  private static List<Topic> everyTopic() {
    List<Topic> topics = new ArrayList<>();
    for (String one : SEGMENTS) {
      for (String two : SEGMENTS) {
        for (String three : SEGMENTS) {
          topics.add(new Topic("x" + one + "/" + two + "/" + three));
          topics.add(new Topic("$x" + one + "/" + two + "/" + three));
        }
        topics.add(new Topic("x" + one + "/" + two));
      }
      topics.add(new Topic("x" + one));
      topics.add(new Topic("$x" + one));
    }
    return topics;
  }

  private static TopicPattern randomPattern(Random random, boolean placeholder) {
    StringBuilder text = new StringBuilder(random.nextInt(4) == 0 ? "$x" : "x");
    text.append(SEGMENTS.get(random.nextInt(SEGMENTS.size())));
    int more = random.nextInt(3);
    for (int i = 0; i < more; i++) {
      text.append('/');
      switch (random.nextInt(placeholder ? 4 : 3)) {
        case 0 -> text.append('+');
        case 3 -> text.append("{id}");
        default -> text.append(SEGMENTS.get(random.nextInt(SEGMENTS.size())));
      }
    }
    if (random.nextInt(3) == 0) {
      text.append("/#");
    }
    return new TopicPattern(random.nextInt(20) == 0 ? "#" : text.toString());
  }

  @Test
  void aPatternIsReadableOnlyIfEachOfItsTopicsIs() {
    Random random = new Random(20_261_124);
    List<Topic> topics = everyTopic();
    int readable = 0;
    for (int i = 0; i < 20_000; i++) {
      List<Grant> grants = new ArrayList<>();
      for (int j = random.nextInt(3); j >= 0; j--) {
        grants.add(new Grant(Right.READ, randomPattern(random, true)));
      }
      Permissions permissions = Permissions.of("me", grants);
      TopicPattern asked = randomPattern(random, false);
      if (!permissions.mayRead(asked)) {
        continue;
      }
      readable++;
      for (Topic topic : topics) {
        assertThat(!asked.matches(topic) || permissions.mayRead(topic))
            .as("%s by %s reads %s", asked, grants, topic)
            .isTrue();
      }
    }
    assertThat(readable).isGreaterThan(500);
  }

  @Test
  void aTopicIsReadableByTheGrantThatMatchesIt() {
    Permissions permissions =
        Permissions.of(
            "me",
            List.of(
                new Grant(Right.READ, new TopicPattern("inbox/{id}/#")),
                new Grant(Right.PUBLISH, new TopicPattern("out/+"))));

    assertThat(permissions.mayRead(new Topic("inbox/me/1"))).isTrue();
    assertThat(permissions.mayRead(new TopicPattern("inbox/me/+"))).isTrue();
    assertThat(permissions.mayRead(new Topic("inbox/you/1"))).isFalse();
    assertThat(permissions.mayRead(new TopicPattern("inbox/+/1"))).isFalse();
    assertThat(permissions.mayPublish(new Topic("out/a"))).isTrue();
    assertThat(permissions.mayRead(new Topic("out/a"))).isFalse();
    assertThat(permissions.mayPublish(new Topic("inbox/me/1"))).isFalse();
  }

  @Test
  void twoGrantsThatCoverOnlyTogetherAreNotEnough() {
    Permissions permissions =
        new Permissions(
            List.of(
                new Grant(Right.READ, new TopicPattern("a/b")),
                new Grant(Right.READ, new TopicPattern("a/c"))));

    assertThat(permissions.mayRead(new TopicPattern("a/+"))).isFalse();
  }

  @Test
  void nobodyReadsWhatSecretsAreCheckedAgainst() {
    Permissions everything = new Permissions(List.of(Grant.ADMINISTRATOR));

    assertThat(everything.mayRead(new TopicPattern("#"))).isTrue();
    assertThat(everything.mayRead(new TopicPattern("$presence/#"))).isTrue();
    assertThat(everything.mayRead(new TopicPattern("$access/#"))).isFalse();
    assertThat(everything.mayRead(new TopicPattern("$access"))).isFalse();
    assertThat(everything.mayRead(new Topic("$access/users/alice"))).isFalse();
    assertThat(everything.mayRead(new TopicPattern("$tickets/+"))).isFalse();
    assertThat(everything.mayPublish(new Topic("$access/users/alice"))).isFalse();
  }
}
