package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static io.posthaste.testkit.LogFixture.message;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Interest;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Hearing of commits. */
interface LogFollowing extends LogFixture {
  private Interest follow(HeardCommits heard, String... topics) {
    Interest interest = log().follow(heard);
    for (String topic : topics) {
      answer(interest.add(new TopicPattern(topic)));
    }
    return interest;
  }

  @Test
  default void everyCommitIsHeardOnceAndInOrder() {
    HeardCommits heard = new HeardCommits(log());
    try (Interest interest = follow(heard, "t/#")) {
      int each = 200;
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      for (int w = 0; w < 4; w++) {
        int writer = w;
        writers.add(
            CompletableFuture.runAsync(
                () -> IntStream.range(0, each).forEach(i -> publish("t/" + writer, "" + i))));
      }
      writers.forEach(LogFixture::answer);
      await()
          .untilAsserted(
              () -> assertThat(heard.messages(partition("t/0"), "t/#")).hasSize(4 * each));
      LogFixture.assertRising(heard.messages(partition("t/0"), "t/#"));
      assertThat(heard.messages(partition("t/0"), "t/#"))
          .isEqualTo(all(partition("t/0"), 0, 100, "t/#"));
      assertThat(heard.complaints()).isEmpty();
    }
  }

  @Test
  default void acknowledgementsFollowCommits() {
    HeardCommits heard = new HeardCommits(log());
    try (Interest interest = follow(heard, "a")) {
      publish("a", "1");
      int partition = partition("a");
      await()
          .untilAsserted(
              () -> assertThat(heard.calls(partition)).startsWith("commit", "acknowledged"));
    }
  }

  @Test
  default void aBatchIsHeardInEachPartition() {
    HeardCommits heard = new HeardCommits(log());
    try (Interest interest = follow(heard, "a", "ring/a")) {
      answer(log().append(List.of(message("a", "1"), message("ring/a", "2"), message("a", "3"))));
      await()
          .untilAsserted(
              () -> {
                assertThat(texts(heard.messages(partition("a"), "a"))).containsExactly("1", "3");
                assertThat(texts(heard.messages(partition("ring/a"), "ring/a")))
                    .containsExactly("2");
              });
    }
  }

  @Test
  default void whoRegistersThenReadsMissesNothing() {
    for (int round = 0; round < 20; round++) {
      String topic = "race/" + round;
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> IntStream.range(0, 50).forEach(i -> publish(topic, "" + i)));
      HeardCommits heard = new HeardCommits(log());
      try (Interest interest = follow(heard, topic)) {
        int partition = partition(topic);
        long head = head(partition);
        List<String> seen = new ArrayList<>();
        all(partition, 0, 100, topic).stream()
            .filter(message -> message.sequence() <= head)
            .forEach(message -> seen.add(message.payload().utf8()));
        answer(writer);
        await()
            .untilAsserted(
                () -> {
                  List<String> live =
                      heard.messages(partition, topic).stream()
                          .filter(message -> message.sequence() > head)
                          .map(message -> message.payload().utf8())
                          .collect(toList());
                  List<String> together = new ArrayList<>(seen);
                  together.addAll(live);
                  assertThat(together)
                      .isEqualTo(IntStream.range(0, 50).mapToObj(i -> "" + i).collect(toList()));
                });
      }
    }
  }

  @Test
  default void aListenerWithoutInterestHearsNothing() {
    HeardCommits heard = new HeardCommits(log());
    HeardCommits other = new HeardCommits(log());
    try (Interest none = follow(heard);
        Interest interest = follow(other, "a")) {
      publish("a", "1");
      await().untilAsserted(() -> assertThat(other.messages(partition("a"), "a")).hasSize(1));
      assertThat(heard.calls(partition("a"))).isEmpty();
    }
  }

  @Test
  default void interestIsCounted() {
    HeardCommits heard = new HeardCommits(log());
    try (Interest interest = follow(heard, "a", "a")) {
      interest.remove(new TopicPattern("a"));
      publish("a", "1");
      await().untilAsserted(() -> assertThat(heard.messages(partition("a"), "a")).hasSize(1));
    }
  }

  @Test
  default void aClosedInterestHearsNothingMore() {
    HeardCommits heard = new HeardCommits(log());
    HeardCommits other = new HeardCommits(log());
    follow(heard, "a").close();
    try (Interest interest = follow(other, "a")) {
      publish("a", "1");
      await().untilAsserted(() -> assertThat(other.messages(partition("a"), "a")).hasSize(1));
      assertThat(heard.messages(partition("a"), "a")).isEmpty();
    }
  }

  @Test
  default void refusedAppendsAreNotHeard() {
    HeardCommits heard = new HeardCommits(log());
    try (Interest interest = follow(heard, "#")) {
      append(message("small/a", "far more than ten bytes"));
      append(message("a", "1").withKey("k"));
      append(message("a", "1").withKey("k"));
      publish("a", "2");
      await().untilAsserted(() -> assertThat(heard.messages(partition("a"), "a")).hasSize(2));
      assertThat(heard.messages(partition("small/a"), "small/a")).isEmpty();
    }
  }
}
