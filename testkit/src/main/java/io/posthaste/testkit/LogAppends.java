package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static io.posthaste.testkit.LogFixture.assertRising;
import static io.posthaste.testkit.LogFixture.message;
import static io.posthaste.testkit.LogFixture.stored;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Order, batches, and what an acknowledgement means to those who read afterwards. */
interface LogAppends extends LogFixture {
  @Test
  default void anEmptyLogHasNothingToSay() {
    int partition = partition("a");
    assertThat(head(partition)).isZero();
    Page page = page(partition, 0, 10, "a", "#");
    assertThat(page.messages()).isEmpty();
    assertThat(page.more()).isFalse();
    assertThat(page.gaps()).isEmpty();
    assertThat(answer(log().latest(new Topic("a")))).isEmpty();
    assertThat(answer(log().state(new Topic("a")))).isEmpty();
  }

  @Test
  default void aMessageIsReadAsItWasPublished() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("z", "1");
    headers.put("a", "ünïcode");
    headers.put("empty", "");
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    Append append =
        new Append(
            new Topic("a/b"),
            "application/x-ünusual; a=b",
            headers,
            Payload.copyOf(bytes),
            false,
            Condition.ANY,
            null);
    Appended.Stored stored = stored(append(append));
    Message read = all(stored.id().partition(), 0, 10, "a/b").get(0);
    assertThat(read.topic()).isEqualTo(append.topic());
    assertThat(Id.of(log().epoch(), read)).isEqualTo(stored.id());
    assertThat(read.timeMillis()).isEqualTo(stored.timeMillis());
    assertThat(read.type()).isEqualTo(append.type());
    assertThat(List.copyOf(read.headers().entrySet())).isEqualTo(List.copyOf(headers.entrySet()));
    assertThat(read.payload()).isEqualTo(append.payload());
    assertThat(read.deleted()).isFalse();
    assertThat(answer(log().latest(new Topic("a/b")))).contains(read);
  }

  @Test
  default void aCopiedMessageKeepsItsTime() {
    long now = keepsToClock() ? clock().millis() : System.currentTimeMillis();
    Append copied = message("a", "copied").withTime(now - 3_600_000);
    assertThat(stored(append(copied)).timeMillis()).isEqualTo(now - 3_600_000);
    Message read = answer(log().latest(new Topic("a"))).orElseThrow();
    assertThat(read.timeMillis()).isEqualTo(now - 3_600_000);
    assertThat(stored(append(message("b", "new"))).timeMillis()).isGreaterThanOrEqualTo(now);
  }

  @Test
  default void theTimeIsTheClocksOrLater() {
    long before = keepsToClock() ? clock().millis() : System.currentTimeMillis();
    Appended.Stored stored = stored(append(message("a", "1")));
    assertThat(stored.timeMillis()).isGreaterThanOrEqualTo(before);
    assertThat(stored.repeated()).isFalse();
  }

  @Test
  default void sequencesRiseAndEachTellsTheOneBefore() {
    Id first = publish("a", "1");
    publish("b", "2");
    Id third = publish("a", "3");
    assertThat(third.sequence()).isGreaterThan(first.sequence());
    List<Message> messages = all(first.partition(), 0, 10, "a");
    assertThat(messages.get(0).previous()).isIn(Message.NONE, Message.UNKNOWN);
    assertThat(messages.get(1).previous()).isIn(first.sequence(), Message.UNKNOWN);
  }

  @Test
  default void timeDoesNotFallWhenTheClockIsSetBack() {
    long first = stored(append(message("a", "1"))).timeMillis();
    clock().advance(Duration.ofHours(-1));
    assertThat(stored(append(message("a", "2"))).timeMillis()).isGreaterThanOrEqualTo(first);
  }

  @Test
  default void whatIsAcknowledgedIsSeenByEveryReadBegunAfterwards() {
    for (int i = 0; i < 50; i++) {
      Id id = publish("a", "" + i);
      assertThat(head(id.partition())).isGreaterThanOrEqualTo(id.sequence());
      assertThat(answer(log().latest(new Topic("a"))).orElseThrow().sequence())
          .isEqualTo(id.sequence());
      assertThat(page(id.partition(), id.sequence() - 1, 10, "a").messages()).hasSize(1);
      assertThat(answer(log().state(new Topic("a"))).orElseThrow().latest())
          .isEqualTo(id.sequence());
    }
  }

  @Test
  default void aBatchEntersInItsOrder() {
    List<Append> batch =
        IntStream.range(0, 500)
            .mapToObj(i -> message("t/" + i % 7, "" + i))
            .collect(Collectors.toList());
    List<Appended> outcomes = answer(log().append(batch));
    assertThat(outcomes).hasSize(500);
    int partition = partition("t/0");
    List<Message> read = all(partition, 0, 64, "t/+");
    assertRising(read);
    assertThat(texts(read))
        .isEqualTo(IntStream.range(0, 500).mapToObj(i -> "" + i).collect(Collectors.toList()));
    for (int i = 0; i < 500; i++) {
      assertThat(stored(outcomes.get(i)).id().sequence()).isEqualTo(read.get(i).sequence());
    }
  }

  @Test
  default void anEmptyBatchIsAnsweredByNothing() {
    assertThat(answer(log().append(List.of()))).isEmpty();
  }

  @Test
  default void oneRefusalInABatchDoesNotStopOthers() {
    List<Appended> outcomes =
        answer(
            log()
                .append(
                    List.of(
                        message("a", "1"),
                        message("a", "2").when(Condition.ABSENT),
                        message("small/a", "far more than ten bytes"),
                        message("a", "3"))));
    assertThat(outcomes.get(0)).isInstanceOf(Appended.Stored.class);
    assertThat(outcomes.get(1)).isInstanceOf(Appended.ConditionFailed.class);
    assertThat(outcomes.get(2)).isEqualTo(new Appended.TooLarge(10));
    assertThat(outcomes.get(3)).isInstanceOf(Appended.Stored.class);
    assertThat(texts("a")).containsExactly("1", "3");
    assertThat(texts("small/a")).isEmpty();
  }

  @Test
  default void aBatchMaySpanPartitions() {
    List<Appended> outcomes =
        answer(
            log()
                .append(
                    List.of(message("ring/a", "1"), message("a", "2"), message("ring/a", "3"))));
    assertThat(outcomes).allMatch(Appended.Stored.class::isInstance);
    assertThat(texts("ring/a")).containsExactly("1", "3");
    assertThat(texts("a")).containsExactly("2");
    assertThat(stored(outcomes.get(0)).id().partition()).isEqualTo(partition("ring/a"));
  }

  @Test
  default void aPayloadOfExactlyTheLimitIsTaken() {
    publish("small/a", "0123456789");
    assertThat(append(message("small/a", "0123456789X"))).isEqualTo(new Appended.TooLarge(10));
  }

  @Test
  default void anEmptyPayloadIsAMessage() {
    publish("a", "");
    Message message = answer(log().latest(new Topic("a"))).orElseThrow();
    assertThat(message.payload().length()).isZero();
    assertThat(message.deleted()).isFalse();
  }

  @Test
  default void aLargePayloadIsTaken() {
    byte[] large = new byte[1 << 20];
    large[large.length - 1] = 1;
    stored(append(Append.of(new Topic("a"), "", Payload.copyOf(large))));
    assertThat(answer(log().latest(new Topic("a"))).orElseThrow().payload())
        .isEqualTo(Payload.wrap(large));
  }

  @Test
  default void readersOfConcurrentAppendersSeeEachMessageOnceAndInOrder() {
    int appenders = 4;
    int each = 250;
    int partition = partition("t/0");
    AtomicBoolean done = new AtomicBoolean();
    List<CompletableFuture<List<Message>>> readers = new ArrayList<>();
    for (String topics : List.of("t/#", "t/0", "#")) {
      readers.add(CompletableFuture.supplyAsync(() -> readUntil(done, partition, topics)));
    }
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int w = 0; w < appenders; w++) {
      int writer = w;
      writers.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < each; i++) {
                  publish("t/" + writer, writer + ":" + i);
                }
              }));
    }
    answer(CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)));
    done.set(true);
    List<Message> everything = answer(readers.get(0));
    assertRising(everything);
    assertThat(everything).hasSize(appenders * each);
    assertThat(answer(readers.get(2))).isEqualTo(everything);
    for (int w = 0; w < appenders; w++) {
      String prefix = w + ":";
      assertThat(texts(everything).stream().filter(text -> text.startsWith(prefix)))
          .containsExactlyElementsOf(
              IntStream.range(0, each).mapToObj(i -> prefix + i).collect(Collectors.toList()));
    }
    assertThat(texts(answer(readers.get(1)))).hasSize(each).doesNotHaveDuplicates();
  }

  private List<Message> readUntil(AtomicBoolean done, int partition, String topics) {
    List<Message> seen = new ArrayList<>();
    long place = 0;
    while (true) {
      boolean last = done.get();
      Page page = page(partition, place, 17, topics);
      seen.addAll(page.messages());
      place = page.through();
      if (last && !page.more()) {
        return seen;
      }
    }
  }
}
