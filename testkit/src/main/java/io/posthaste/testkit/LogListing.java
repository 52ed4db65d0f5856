package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static io.posthaste.testkit.LogFixture.message;
import static io.posthaste.testkit.LogFixture.stored;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Id;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPage;
import io.posthaste.core.TopicState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Listing topics by prefix, and the state of each. */
interface LogListing extends LogFixture {
  private List<String> names(TopicPage page) {
    return page.topics().stream().map(state -> state.topic().name()).collect(toList());
  }

  private List<String> listAll(String prefix, int limit) {
    List<String> names = new ArrayList<>();
    String after = "";
    while (true) {
      TopicPage page = answer(log().topics(prefix, after, limit));
      assertThat(page.topics()).hasSizeLessThanOrEqualTo(limit);
      names.addAll(names(page));
      if (!page.more()) {
        return names;
      }
      after = names.get(names.size() - 1);
    }
  }

  @Test
  default void theStateOfATopicTellsWhatIsHeld() {
    Id first = publish("a", "one");
    publish("b", "x");
    Id last = publish("a", "three");
    assertThat(answer(log().state(new Topic("a"))))
        .contains(
            new TopicState(
                new Topic("a"), first.partition(), first.sequence(), last.sequence(), 2, 8, false));
  }

  @Test
  default void topicsAreListedByPrefix() {
    Stream.of("a", "a/b", "a/c", "ab", "b").forEach(topic -> publish(topic, "x"));
    assertThat(listAll("a/", 10)).containsExactly("a/b", "a/c");
    assertThat(listAll("a", 10)).containsExactly("a", "a/b", "a/c", "ab");
    assertThat(listAll("", 10)).containsExactly("a", "a/b", "a/c", "ab", "b");
    assertThat(listAll("c", 10)).isEmpty();
  }

  @Test
  default void eachIsListedWithItsState() {
    publish("a", "x");
    publish("ring/a", "y");
    for (TopicState state : answer(log().topics("", "", 10)).topics()) {
      assertThat(answer(log().state(state.topic()))).contains(state);
    }
  }

  @Test
  default void listsComeInTheOrderOfTheirBytes() {
    List<String> names =
        Stream.of("\uffee", "\ud83d\ude00", "é", "z", "Z", "/", "a//b", "a/ b", "a b", "ring/é")
            .collect(toList());
    names.forEach(name -> publish(name, "x"));
    names.sort(
        (a, b) ->
            Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
    assertThat(listAll("", 100)).isEqualTo(names);
    assertThat(listAll("", 1)).isEqualTo(names);
    assertThat(listAll("", 3)).isEqualTo(names);
  }

  @Test
  default void aListMayBeginBetweenNames() {
    Stream.of("a", "c", "e").forEach(topic -> publish(topic, "x"));
    assertThat(names(answer(log().topics("", "b", 10)))).containsExactly("c", "e");
    assertThat(names(answer(log().topics("", "c", 10)))).containsExactly("e");
    assertThat(names(answer(log().topics("c", "a", 10)))).containsExactly("c");
    assertThat(names(answer(log().topics("c", "d", 10)))).isEmpty();
  }

  @Test
  default void theServersOwnAreListedOnlyWhenAskedFor() {
    Stream.of("!", "$own/a", "$own/b", "a").forEach(topic -> publish(topic, "x"));
    assertThat(listAll("", 1)).containsExactly("!", "a");
    assertThat(names(answer(log().topics("", "$own/a", 10)))).containsExactly("a");
    assertThat(listAll("$", 1)).containsExactly("$own/a", "$own/b");
    assertThat(listAll("$own/b", 10)).containsExactly("$own/b");
  }

  @Test
  default void aDeletedTopicIsListedAsDeleted() {
    publish("a", "x");
    stored(append(Append.tombstone(new Topic("a"))));
    assertThat(answer(log().topics("", "", 10)).topics())
        .singleElement()
        .matches(TopicState::deleted);
  }

  @Test
  default void manyTopicsAreListedByPages() {
    List<Append> batch = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      String name = String.format((i % 3 == 0 ? "ring/" : "t/") + "%04d", i);
      names.add(name);
      batch.add(message(name, "x"));
    }
    answer(log().append(batch));
    names.sort(null);
    assertThat(listAll("", 37)).isEqualTo(names);
  }
}
