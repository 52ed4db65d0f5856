package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is the memory log's own; its duties as a log are tested by the contract suite. */
final class MemoryLogTest {
  private static final Topic A = new Topic("a");

  @Test
  void answersPlacesBelowItsBaseAsMissed() {
    try (MemoryLog log = log(1L << 40, 1 << 20)) {
      publish(log, "a", 10);
      Page page = read(log, "a", 7);
      assertThat(page.messages()).hasSize(1);
      assertThat(page.messages().get(0).sequence()).isEqualTo((1L << 40) + 1);
      assertThat(page.gaps()).containsExactly(new Gap(TopicPattern.of(A), 3, (1L << 40) + 1));
      assertThat(read(log, "a", 1L << 40).gaps()).isEmpty();
    }
  }

  @Test
  void staysWithinItsBytesByLettingTheOldestGo() {
    try (MemoryLog log = log(0, 100_000)) {
      for (int i = 0; i < 100; i++) {
        publish(log, "topic/" + i, 10_000);
      }
      Page page = read(log, "#", 0);
      assertThat(page.messages()).hasSizeBetween(5, 10);
      assertThat(page.messages().get(page.messages().size() - 1).sequence()).isEqualTo(100);
      assertThat(page.gaps()).isNotEmpty();
      assertThat(read(log, "topic/0", 0).gaps()).isNotEmpty();
      assertThat(read(log, "topic/0", 100).gaps()).isEmpty();
    }
  }

  @Test
  void keepsTheNewestMessageWhateverItsSize() {
    try (MemoryLog log = log(0, 1_000)) {
      publish(log, "a", 10_000);
      assertThat(read(log, "a", 0).messages()).hasSize(1);
    }
  }

  @Test
  void tellsBeforeItAcknowledges() {
    try (MemoryLog log = log(0, 1 << 20)) {
      List<String> heard = new ArrayList<>();
      log.follow(
              new CommitListener() {
                @Override
                public void onCommit(int partition, List<Message> messages, long head) {
                  long visible = log.head(partition).toCompletableFuture().join();
                  heard.add("commit " + head + " of " + visible);
                }

                @Override
                public void onAcknowledged(int partition) {
                  heard.add("acknowledged");
                }

                @Override
                public void onInterrupted(int partition) {
                  heard.add("interrupted");
                }
              })
          .add(TopicPattern.ALL);
      publish(log, "a", 1);
      assertThat(heard).containsExactly("commit 1 of 1", "acknowledged");
    }
  }

  @Test
  void makesAnEpochOfItsOwnEachTime() {
    assertThat(Epoch.random()).matches("[0-9a-z]{13}").isNotEqualTo(Epoch.random());
  }

  @Test
  void forgottenTopicsAreRememberedByNameAndByWhatStandsAboveThem() {
    Forgotten forgotten = new Forgotten(0);
    forgotten.add("a/b/c", 7);
    assertThat(forgotten.through("a/b/c")).isEqualTo(7);
    assertThat(forgotten.through(new TopicPattern("a/b/#"))).isEqualTo(7);
    assertThat(forgotten.through(new TopicPattern("a/+/c"))).isEqualTo(7);
    assertThat(forgotten.through(new TopicPattern("a/b/c/#"))).isEqualTo(7);
    assertThat(forgotten.through(TopicPattern.ALL)).isEqualTo(7);
    assertThat(forgotten.through("x")).isZero();
    assertThat(forgotten.through(new TopicPattern("x/#"))).isZero();
  }

  private static MemoryLog log(long base, long maxBytes) {
    return new MemoryLog(
        new MemoryLog.Options(
            "e", base == 0 ? 0 : 3, base, Policies.DEFAULT, maxBytes, InstantSource.system()));
  }

  private static void publish(MemoryLog log, String topic, int bytes) {
    Appended appended =
        log.append(List.of(Append.of(new Topic(topic), "", Payload.wrap(new byte[bytes]))))
            .toCompletableFuture()
            .join()
            .get(0);
    assertThat(appended).isInstanceOf(Appended.Stored.class);
  }

  private static Page read(MemoryLog log, String topics, long place) {
    return log.read(
            new ReadRequest(
                log.partitions().get(0),
                List.of(new TopicPattern(topics)),
                place,
                1_000,
                1 << 20,
                false))
        .toCompletableFuture()
        .join();
  }
}
