package io.posthaste.engine.rocksdb;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Cursor;
import io.posthaste.core.Hub;
import io.posthaste.core.Log;
import io.posthaste.core.LogComparison;
import io.posthaste.core.LogCopy;
import io.posthaste.core.LogException;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Policies.Rule;
import io.posthaste.core.Poll;
import io.posthaste.core.PollResult;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From one log into another. */
final class CopyTest {
  private static final long YESTERDAY = System.currentTimeMillis() - 86_400_000;

  @TempDir Path directory = Path.of("");

  private Log rocks(String name, String... rules) {
    return RocksLog.open(RocksLog.Options.of(directory.resolve(name), policies(rules)));
  }

  private static Policies policies(String... rules) {
    return new Policies(Stream.of(rules).map(Rule::parse).toList());
  }

  private static <T> T answer(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static Append message(String topic, String text) {
    return Append.of(new Topic(topic), "text/plain", Payload.of(text));
  }

  /** Some of everything, as a day's work leaves it. */
  private static void fill(Log log) throws Exception {
    Random random = new Random(7);
    List<Append> batch = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      Append append =
          message("topic/" + random.nextInt(300), "message " + i)
              .withHeaders(i % 7 == 0 ? Map.of("number", "" + i) : Map.of())
              .withTime(YESTERDAY + i / 3);
      batch.add(
          i % 50 == 0 ? Append.tombstone(append.topic()).withTime(YESTERDAY + i / 3) : append);
    }
    answer(log.append(batch));
    answer(log.append(List.of(message("$own/a", "the server's"))));
  }

  private static LogCopy.LeftOut copy(Log from, Log to) {
    return new LogCopy(from, to, progress -> {}).run();
  }

  private static LogComparison.Result compare(Log log, Log copy) {
    return new LogComparison(log, copy, difference -> {}).run();
  }

  private static List<Message> all(Log log, int partition, String... topics) throws Exception {
    List<TopicPattern> patterns = Stream.of(topics).map(TopicPattern::new).toList();
    return answer(
            log.read(new ReadRequest(partition, patterns, 0, 1_000_000, Integer.MAX_VALUE, false)))
        .messages();
  }

  private static void assertWhole(Log log, Log copy) {
    LogComparison.Result result = compare(log, copy);
    assertThat(result.differences()).isZero();
    assertThat(result.topics()).isEqualTo(301);
    assertThat(result.notKept()).isZero();
    assertThat(result.messages()).isGreaterThan(4_900);
  }

  @Test
  void memoryIsCopiedToDisk() throws Exception {
    try (Log memory = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
        Log disk = rocks("to")) {
      fill(memory);
      copy(memory, disk);
      assertWhole(memory, disk);
    }
  }

  @Test
  void oneDirectoryIsCopiedToAnother() throws Exception {
    try (Log from = rocks("from")) {
      fill(from);
    }
    try (Log from = RocksLog.openUnchanged(directory.resolve("from"));
        Log to = rocks("to")) {
      copy(from, to);
      assertWhole(from, to);
      List<Message> first = all(from, 0, "#");
      List<Message> second = all(to, 0, "#");
      assertThat(second).hasSameSizeAs(first);
      for (int i = 0; i < first.size(); i++) {
        assertThat(Append.copyOf(second.get(i))).isEqualTo(Append.copyOf(first.get(i)));
      }
      assertThat(to.epoch()).isNotEqualTo(from.epoch());
    }
  }

  @Test
  void aCopyThatWasInterruptedAnywhereGoesOn() throws Exception {
    try (Log from = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT))) {
      fill(from);
      int interruptions = 0;
      for (boolean interrupted = true; interrupted; interruptions++) {
        try (Log to = rocks("to" + interruptions)) {
          interrupted = isCutOff(from, new FailingLog(to, interruptions + 1));
          copy(from, to);
          assertWhole(from, to);
        }
      }
      assertThat(interruptions).isGreaterThan(10);
    }
  }

  private static boolean isCutOff(Log from, Log to) {
    try {
      copy(from, to);
      return false;
    } catch (LogException e) {
      assertThat(e).hasMessage("cut off");
      return true;
    }
  }

  @Test
  void whatWasPublishedSinceTheLastCopyIsAdded() throws Exception {
    try (Log from = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
        Log to = rocks("to")) {
      fill(from);
      copy(from, to);
      answer(from.append(List.of(message("topic/1", "later"))));
      assertThat(compare(from, to).differences()).isEqualTo(1);
      copy(from, to);
      assertWhole(from, to);
    }
  }

  @Test
  void aLogThatHasMessagesOfItsOwnIsRefused() throws Exception {
    try (Log from = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
        Log to = rocks("to");
        Log other = rocks("other")) {
      fill(from);
      answer(other.append(List.of(message("a", "own"))));
      assertThatThrownBy(() -> copy(from, other))
          .isInstanceOf(LogException.class)
          .hasMessageContaining("has topics, the first is a (expected: an empty log");
      copy(from, to);
      answer(to.append(List.of(message("topic/1", "own"))));
      assertThatThrownBy(() -> copy(from, to))
          .isInstanceOf(LogException.class)
          .hasMessageContaining("topic topic/1 has messages in the copy that are none of a copy's");
      assertThat(compare(from, to).differences()).isEqualTo(1);
    }
  }

  @Test
  void whatTheOtherLogDoesNotKeepIsSaid() throws Exception {
    try (Log from = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
        Log to = rocks("to", "few/#=count:2", "old/#=age:1h", "small/#=max:5", "ring/#=memory")) {
      for (int i = 0; i < 5; i++) {
        answer(
            from.append(
                List.of(
                    message("old/a", "" + i).withTime(YESTERDAY),
                    message("few/a", "" + i).withTime(YESTERDAY),
                    message("small/a", "1234" + "5".repeat(i)).withTime(YESTERDAY),
                    message("ring/a", "" + i).withTime(YESTERDAY))));
      }
      LogCopy.LeftOut left = copy(from, to);
      assertThat(left.memoryTopics()).containsExactly(new Topic("ring/a"));
      assertThat(left.memoryMessages()).isEqualTo(5);
      assertThat(left.largeTopics()).containsExactly(new Topic("small/a"));
      assertThat(left.largeMessages()).isEqualTo(3);
      LogComparison.Result result = compare(from, to);
      assertThat(result.differences()).isZero();
      assertThat(result.topics()).isEqualTo(3);
    }
  }

  @Test
  void consumersGoOnWhereTheyStood() throws Exception {
    try (Log from = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
        Log to = rocks("to")) {
      Cursor third = null;
      for (int i = 0; i < 5; i++) {
        Appended stored =
            answer(from.append(List.of(message("a", "" + i), message("b", "other")))).get(0);
        third = i == 2 ? ((Appended.Stored) stored).id().toCursor() : third;
      }
      try (Hub hub = new Hub(from)) {
        answer(hub.ack("half", requireNonNull(third)));
        answer(hub.ack("all", Cursor.of(from.epoch(), 0, answer(from.head(0)))));
        answer(hub.ack("lost", Cursor.of("another", 0, 3)));
      }
      copy(from, to);
      assertThat(compare(from, to).consumers()).isEqualTo(3);
      try (Hub hub = new Hub(to)) {
        assertThat(texts(answer(hub.poll(poll("half"))))).containsExactly("3", "4");
        assertThat(texts(answer(hub.poll(poll("all"))))).isEmpty();
        PollResult lost = answer(hub.poll(poll("lost")));
        assertThat(lost.gaps()).isNotEmpty();
        Subscription old =
            new Subscription(
                List.of(new TopicPattern("a")),
                new Start.After(Cursor.of(from.epoch(), 0, 3)),
                false);
        assertThat(answer(hub.poll(new Poll(old, 10, 0))).gaps()).isNotEmpty();
      }
    }
  }

  private static Poll poll(String consumer) {
    return new Poll(
        new Subscription(List.of(new TopicPattern("a")), new Start.Consumer(consumer), false),
        10,
        0);
  }

  private static List<String> texts(PollResult result) {
    return result.messages().stream().map(message -> message.payload().utf8()).toList();
  }

  @Test
  void aLogThatIsOpenedToBeReadStaysAsItIs() throws Exception {
    String epoch;
    try (Log from = rocks("from", "ring/#=memory")) {
      answer(
          from.append(
              List.of(message("old", "1").withTime(1_000), message("old", "2").withTime(1_000))));
      epoch = from.epoch();
      assertThatThrownBy(() -> RocksLog.openUnchanged(directory.resolve("from")))
          .isInstanceOf(LogException.class)
          .hasMessageContaining("in use");
    }
    assertThatThrownBy(() -> RocksLog.openUnchanged(directory.resolve("nowhere")))
        .isInstanceOf(LogException.class)
        .hasMessageContaining("nowhere is no data directory (expected: ");
    try (Log from = RocksLog.openUnchanged(directory.resolve("from"))) {
      assertThat(answer(from.append(List.of(message("a", "1")))).get(0))
          .isInstanceOf(Appended.Unavailable.class);
    }
    try (Log from = rocks("from", "ring/#=memory")) {
      assertThat(from.epoch()).isEqualTo(epoch);
    }
  }
}
