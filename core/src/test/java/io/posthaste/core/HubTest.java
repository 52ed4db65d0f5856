package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The hub over the log in memory: publish, subscribe, poll, consumers. */
final class HubTest {
  private final Log log = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
  private final Hub hub = new Hub(log);

  @AfterEach
  void close() {
    hub.close();
    log.close();
  }

  @Test
  void readerHearsWhatIsPublishedAfterItBegan() {
    Collector collector = subscribe(Start.NOW, "a");
    publish("a", "1");
    publish("b", "other");
    publish("a", "2");
    await().until(() -> collector.messages.size() == 2);
    assertThat(collector.payloads()).containsExactly("1", "2");
  }

  @Test
  void readerFromTheBeginningHearsAllThatIsKeptThenWhatComes() {
    publish("a", "1");
    publish("a", "2");
    Collector collector = subscribe(Start.BEGINNING, "a");
    publish("a", "3");
    await().until(() -> collector.messages.size() == 3);
    assertThat(collector.payloads()).containsExactly("1", "2", "3");
    assertThat(collector.gaps).isEmpty();
  }

  @Test
  void aCursorResumesStrictlyBehindIt() {
    publish("a", "1");
    Id second = publish("a", "2");
    publish("a", "3");
    Collector collector = subscribe(new Start.After(second.toCursor()), "a");
    await().until(() -> collector.messages.size() == 1);
    assertThat(collector.payloads()).containsExactly("3");
  }

  @Test
  void theCursorOfOnePartitionIsTheLastMessagesId() {
    Collector collector = subscribe(Start.NOW, "a/#");
    Id id = publish("a/b", "1");
    await().until(() -> collector.messages.size() == 1);
    assertThat(collector.cursor).isEqualTo(id.toString());
  }

  @Test
  void topicsAndPatternsAreMergedInLogOrderAndToldOnce() {
    Collector collector = subscribe(Start.NOW, "a", "b/#", "b/+", "c");
    for (int i = 0; i < 100; i++) {
      publish(List.of("a", "b/1", "c", "d", "b").get(i % 5), String.valueOf(i));
    }
    await().until(() -> collector.messages.size() == 80);
    assertThat(collector.messages)
        .isSortedAccordingTo((x, y) -> Long.compare(x.sequence(), y.sequence()));
    assertThat(collector.messages).extracting(Message::sequence).doesNotHaveDuplicates();
  }

  @Test
  void theLastOfSeveralTopicsComeFirst() {
    for (int i = 0; i < 10; i++) {
      publish("a", "a" + i);
      publish("b", "b" + i);
    }
    Collector collector = subscribe(new Start.Last(3), "a", "b");
    await().until(() -> collector.messages.size() == 3);
    publish("a", "live");
    await().until(() -> collector.messages.size() == 4);
    assertThat(collector.payloads()).containsExactly("b8", "a9", "b9", "live");
  }

  @Test
  void onlyLatestSkipsToTheNewestOfEachTopic() {
    for (int i = 0; i < 10; i++) {
      publish("a", "a" + i);
      publish("b", "b" + i);
    }
    Collector collector = new Collector();
    begin(new Subscription(patterns("a", "b"), Start.BEGINNING, true), collector);
    await().until(() -> collector.messages.size() == 2);
    assertThat(collector.payloads()).containsExactly("a9", "b9");
  }

  @Test
  void sinceATimeTellsWhatWasTakenThenOrLater() {
    publish("a", "1");
    Collector all = subscribe(new Start.Since(Instant.EPOCH), "a");
    Collector none = subscribe(new Start.Since(Instant.now().plusSeconds(3600)), "a");
    await().until(() -> all.messages.size() == 1 && none.caughtUp);
    assertThat(none.messages).isEmpty();
  }

  @Test
  void aCursorOfAnotherEpochIsMissedAndGoesOnWithWhatIsKept() {
    publish("a", "1");
    Collector collector = subscribe(new Start.After(Cursor.parse("other-0.5")), "a");
    await().until(() -> collector.messages.size() == 1);
    assertThat(collector.gaps)
        .containsExactly(new Gap(new TopicPattern("a"), 0, collector.messages.get(0).sequence()));
  }

  @Test
  void aCursorBeyondTheHeadIsMissed() {
    Id id = publish("a", "1");
    Cursor beyond = Cursor.of(id.epoch(), id.partition(), id.sequence() + 1);
    Collector collector = subscribe(new Start.After(beyond), "a");
    await().until(() -> collector.messages.size() == 1);
    assertThat(collector.gaps).hasSize(1);
  }

  @Test
  void aReaderThatIsFullIsToldNoMoreUntilItResumes() {
    Collector collector = new Collector();
    collector.takesMore = message -> false;
    Reader reader = begin(Subscription.to(new TopicPattern("a"), Start.NOW), collector);
    await().until(() -> collector.started);
    for (int i = 0; i < 600; i++) {
      publish("a", String.valueOf(i));
    }
    await().until(() -> !collector.messages.isEmpty());
    assertThat(collector.messages).hasSize(1);
    collector.takesMore = message -> true;
    hub.shards().get(0).loop().execute(reader::resume);
    await().until(() -> collector.messages.size() == 600);
    assertThat(collector.payloads())
        .isEqualTo(IntStream.range(0, 600).mapToObj(String::valueOf).toList());
  }

  @Test
  void aShortPollIsAnsweredAtOnceWithItsCursor() throws Exception {
    PollResult empty = hub.poll(new Poll(to("a", Start.NOW), 10, 0)).get(5, TimeUnit.SECONDS);
    assertThat(empty.messages()).isEmpty();
    publish("a", "1");
    PollResult full =
        hub.poll(new Poll(to("a", new Start.After(empty.next())), 10, 0)).get(5, TimeUnit.SECONDS);
    assertThat(full.messages()).hasSize(1);
    assertThat(full.more()).isFalse();
  }

  @Test
  void aPollThatIsCutSaysThatThereIsMore() throws Exception {
    for (int i = 0; i < 5; i++) {
      publish("a", String.valueOf(i));
    }
    PollResult cut = hub.poll(new Poll(to("a", Start.BEGINNING), 4, 0)).get(5, TimeUnit.SECONDS);
    assertThat(cut.messages()).hasSize(4);
    assertThat(cut.more()).isTrue();
    PollResult rest =
        hub.poll(new Poll(to("a", new Start.After(cut.next())), 4, 0)).get(5, TimeUnit.SECONDS);
    assertThat(rest.messages()).hasSize(1);
    assertThat(rest.more()).isFalse();
    PollResult exact = hub.poll(new Poll(to("a", Start.BEGINNING), 5, 0)).get(5, TimeUnit.SECONDS);
    assertThat(exact.more()).isFalse();
  }

  @Test
  void aPollIsGivenAllUpToItsLimitWhetherFromTheLogOrFromATail() throws Exception {
    for (int i = 0; i < 1_500; i++) {
      publish("many", String.valueOf(i));
    }
    Poll poll = new Poll(to("many", Start.BEGINNING), 1_000, 0);
    assertThat(hub.poll(poll).get(5, TimeUnit.SECONDS).messages()).hasSize(1_000);
    Collector keepsTheTail = subscribe(Start.NOW, "tail");
    for (int i = 0; i < 1_500; i++) {
      publish("tail", String.valueOf(i));
    }
    await().until(() -> keepsTheTail.messages.size() == 1_500);
    Cursor first = Id.of(hub.epoch(), keepsTheTail.messages.get(0)).toCursor();
    Poll fromTail = new Poll(to("tail", new Start.After(first)), 1_000, 0);
    PollResult cut = hub.poll(fromTail).get(5, TimeUnit.SECONDS);
    assertThat(cut.messages()).hasSize(1_000);
    assertThat(cut.more()).isTrue();
  }

  @Test
  void aHeldPollIsAnsweredByAPublishAndLeavesNothing() throws Exception {
    CompletableFuture<PollResult> answer = hub.poll(new Poll(to("a", Start.NOW), 10, 30_000));
    await().until(() -> hub.stats().polls() == 1);
    publish("a", "1");
    assertThat(answer.get(5, TimeUnit.SECONDS).messages()).hasSize(1);
    await().until(() -> hub.stats().polls() == 0 && hub.stats().readers() == 0);
    assertThat(wheelSize()).isZero();
  }

  @Test
  void aHeldPollIsAnsweredEmptyWhenItsWaitIsOver() throws Exception {
    PollResult result = hub.poll(new Poll(to("a", Start.NOW), 10, 100)).get(5, TimeUnit.SECONDS);
    assertThat(result.messages()).isEmpty();
    assertThat(hub.stats().readers()).isZero();
  }

  @Test
  void aCancelledPollLeavesNothing() throws Exception {
    CompletableFuture<PollResult> answer = hub.poll(new Poll(to("a", Start.NOW), 10, 30_000));
    await().until(() -> hub.stats().polls() == 1);
    answer.cancel(true);
    await().until(() -> hub.stats().polls() == 0 && hub.stats().readers() == 0);
    assertThat(wheelSize()).isZero();
  }

  @Test
  void aQuietReadersCursorMovesOnWithTheLog() throws Exception {
    Cursor before =
        hub.poll(new Poll(to("quiet", Start.NOW), 1, 0)).get(5, TimeUnit.SECONDS).next();
    Id elsewhere = publish("busy", "1");
    Cursor after =
        hub.poll(new Poll(to("quiet", new Start.After(before)), 1, 50))
            .get(5, TimeUnit.SECONDS)
            .next();
    assertThat(after).isEqualTo(elsewhere.toCursor());
  }

  @Test
  void aConsumerStandsWhereItAcknowledged() throws Exception {
    Start consumer = new Start.Consumer("billing");
    assertThat(hub.poll(new Poll(to("a", consumer), 10, 0)).get(5, TimeUnit.SECONDS).messages())
        .isEmpty();
    publish("a", "1");
    Id second = publish("a", "2");
    publish("a", "3");
    assertThat(hub.poll(new Poll(to("a", consumer), 10, 0)).get(5, TimeUnit.SECONDS).messages())
        .hasSize(3);
    hub.ack("billing", second.toCursor()).toCompletableFuture().get(5, TimeUnit.SECONDS);
    assertThat(hub.poll(new Poll(to("a", consumer), 10, 0)).get(5, TimeUnit.SECONDS).messages())
        .hasSize(1);
  }

  @Test
  void aConsumerNeverMovesBack() throws Exception {
    Id first = publish("a", "1");
    Id second = publish("a", "2");
    hub.ack("c", second.toCursor()).toCompletableFuture().get(5, TimeUnit.SECONDS);
    hub.ack("c", first.toCursor()).toCompletableFuture().get(5, TimeUnit.SECONDS);
    assertThat(hub.consumer("c").toCompletableFuture().get(5, TimeUnit.SECONDS))
        .contains(second.toCursor());
  }

  @Test
  void inspectionTellsReadersAndWhoIsBehind() throws Exception {
    Collector stuck = new Collector();
    stuck.takesMore = message -> false;
    begin(Subscription.to(new TopicPattern("a/#"), Start.NOW), stuck);
    Collector fine = subscribe(Start.NOW, "a/b");
    await().until(() -> stuck.started && fine.started);
    publish("a/b", "1");
    publish("a/b", "2");
    await().until(() -> fine.messages.size() == 2 && stuck.messages.size() == 1);
    Inspection seen = hub.inspect(new Topic("a/b")).toCompletableFuture().get(5, TimeUnit.SECONDS);
    assertThat(seen.readers()).isEqualTo(2);
    assertThat(seen.behind()).isEqualTo(1);
  }

  @Test
  void whatIsTooLargeIsRefusedWithoutStoppingOthers() throws Exception {
    Append large = Append.of(new Topic("a"), "", Payload.wrap(new byte[(1 << 20) + 1]));
    Append small = Append.of(new Topic("a"), "", Payload.of("fits"));
    List<Appended> outcomes =
        hub.publish(List.of(large, small)).toCompletableFuture().get(5, TimeUnit.SECONDS);
    assertThat(outcomes.get(0)).isEqualTo(new Appended.TooLarge(1 << 20));
    assertThat(outcomes.get(1)).isInstanceOf(Appended.Stored.class);
  }

  @Test
  void aLargeTopicsPassLetsASmallTopicInBetween() {
    AtomicInteger served = new AtomicInteger();
    AtomicInteger servedBefore = new AtomicInteger(-1);
    Collector small = new Collector();
    small.takesMore = message -> servedBefore.compareAndSet(-1, served.get());
    begin(to("small", Start.NOW), small);
    List<Collector> large = IntStream.range(0, 2_000).mapToObj(i -> new Collector()).toList();
    for (Collector reader : large) {
      reader.takesMore =
          message -> {
            if (served.incrementAndGet() == 1) {
              publish("small", "news");
            }
            return true;
          };
      begin(to("large", Start.NOW), reader);
    }
    await().until(() -> small.started && large.stream().allMatch(reader -> reader.started));

    publish("large", "news");

    await().until(() -> served.get() == 2_000 && servedBefore.get() >= 0);
    // What is left of the slice under way, and a share of the next.
    assertThat(servedBefore).hasValueLessThan(128);
  }

  private int wheelSize() throws Exception {
    Shard shard = hub.shards().get(0);
    return shard.loop().submit(() -> shard.wheel().size()).get(5, TimeUnit.SECONDS);
  }

  private Collector subscribe(Start start, String... topics) {
    Collector collector = new Collector();
    begin(new Subscription(patterns(topics), start, false), collector);
    await().until(() -> collector.started);
    return collector;
  }

  private Reader begin(Subscription subscription, Collector collector) {
    Shard shard = hub.shards().get(0);
    return CompletableFuture.supplyAsync(
            () -> shard.subscribe(subscription, collector), shard.loop())
        .join();
  }

  private static Subscription to(String topic, Start start) {
    return Subscription.to(new TopicPattern(topic), start);
  }

  private static List<TopicPattern> patterns(String... topics) {
    return Arrays.stream(topics).map(TopicPattern::new).toList();
  }

  private Id publish(String topic, String payload) {
    Appended outcome =
        hub.publish(Append.of(new Topic(topic), "text/plain", Payload.of(payload)))
            .toCompletableFuture()
            .join();
    return ((Appended.Stored) outcome).id();
  }
}
