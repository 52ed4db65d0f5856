package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The tree finds what {@link TopicPattern#matches} says, whatever was put and removed before. */
final class PatternTreeTest {
  private static final List<String> SEGMENTS = List.of("a", "b", "", "$a", "$", "longer");

  private final Random random = new Random(1);
  private final PatternTree<Feed> tree = new PatternTree<>();
  private final Map<TopicPattern, Feed> held = new HashMap<>();

  @Test
  void agreesWithMatchesForRandomPatternsAndTopics() {
    for (int step = 0; step < 20_000; step++) {
      TopicPattern pattern = RandomTopics.pattern(random, SEGMENTS);
      if (random.nextInt(3) == 0) {
        tree.remove(pattern);
        held.remove(pattern);
      } else if (held.size() < 60) {
        Feed feed = new Feed(pattern, 0, 1);
        tree.put(pattern, feed);
        held.put(pattern, feed);
      }
      Topic topic = RandomTopics.topic(random, SEGMENTS);
      List<Feed> found = new ArrayList<>();
      tree.forEachMatch(topic, found::add);
      List<Feed> expected =
          held.values().stream().filter(feed -> feed.pattern.matches(topic)).toList();
      assertThat(found).as("%s among %s", topic, held.keySet()).hasSameElementsAs(expected);
      assertThat(found).as("each once").doesNotHaveDuplicates();
    }
    held.keySet().forEach(tree::remove);
    assertThat(tree.isEmpty()).isTrue();
  }

  @Test
  void removingWhatIsNotThereLeavesTheRestAlone() {
    Feed feed = new Feed(new TopicPattern("a/+/c"), 0, 1);
    tree.put(feed.pattern, feed);
    for (String other : List.of("a", "a/+", "a/+/c/d", "a/#", "b")) {
      tree.remove(new TopicPattern(other));
    }
    List<Feed> found = new ArrayList<>();
    tree.forEachMatch(new Topic("a/b/c"), found::add);
    assertThat(found).containsExactly(feed);
  }

  @Test
  void theDeepestTopicsAndPatternsAreFound() {
    String deep = "/".repeat(Topic.MAX_BYTES);
    List<TopicPattern> patterns =
        List.of(
            new TopicPattern(deep),
            new TopicPattern("#"),
            new TopicPattern("/".repeat(Topic.MAX_BYTES - 1) + "#"));
    patterns.forEach(pattern -> tree.put(pattern, new Feed(pattern, 0, 1)));
    List<Feed> found = new ArrayList<>();
    tree.forEachMatch(new Topic(deep), found::add);
    assertThat(found).hasSize(3);
    patterns.forEach(tree::remove);
    assertThat(tree.isEmpty()).isTrue();
  }
}
