package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the hub does when the log, a receiver or its own end gets in the way. */
final class HubFaultsTest {
  private final Clock clock = new Clock();
  private final Log memory = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT).withClock(clock));
  private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void close() {
    loop.shutdownNow();
    memory.close();
  }

  private static final class Clock implements InstantSource {
    volatile Instant now = Instant.parse("2026-11-22T10:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }
  }

  @Test
  void aPollOverAClosedLogFails() {
    try (Hub hub = new Hub(memory)) {
      memory.close();
      assertFails(hub, to("a", Start.NOW));
      assertFails(hub, to("a/#", Start.NOW));
      assertFails(hub, new Subscription(patterns("a", "b"), Start.NOW, false));
      assertThat(hub.stats().feeds()).isZero();
      assertThat(hub.stats().readers()).isZero();
    }
  }

  @Test
  void aPollThatComesAgainFailsOnceTheLogIsClosed() throws Exception {
    try (Hub hub = new Hub(memory)) {
      Cursor next = hub.poll(new Poll(to("a", Start.NOW), 1, 0)).get(5, TimeUnit.SECONDS).next();
      memory.close();
      assertFails(hub, to("a", new Start.After(next)));
    }
  }

  @Test
  void aLogThatThrowsFailsTheReaderAndNobodyElse() throws Exception {
    AtomicBoolean throwing = new AtomicBoolean(true);
    Log log =
        new LogDecorator(memory) {
          @Override
          public CompletionStage<Page> read(ReadRequest request) {
            if (throwing.get()) {
              throw new IllegalStateException("broken");
            }
            return super.read(request);
          }
        };
    publish(log, "a", "1");
    try (Hub hub = new Hub(log, List.of(loop), new HubOptions(1 << 20, 0, 10, 1 << 20, 1))) {
      assertFails(hub, to("a", Start.BEGINNING));
      await().until(() -> hub.stats().logReads() == 0);
      throwing.set(false);
      assertThat(
              hub.poll(new Poll(to("a", Start.BEGINNING), 10, 0))
                  .get(5, TimeUnit.SECONDS)
                  .messages())
          .hasSize(1);
    }
  }

  @Test
  void aReceiverThatThrowsHarmsNobodyElse() {
    try (Hub hub = new Hub(memory, List.of(loop), HubOptions.defaults())) {
      Collector first = new Collector();
      Collector broken = new Collector();
      Collector last = new Collector();
      Collector ofSeveral = new Collector();
      broken.takesMore =
          message -> {
            throw new AssertionError("a receiver that breaks its promise");
          };
      for (Collector collector : List.of(first, broken, last)) {
        begin(hub, to("a", Start.NOW), collector);
      }
      begin(hub, new Subscription(patterns("a", "b"), Start.NOW, false), ofSeveral);
      await().until(() -> first.caughtUp && broken.caughtUp && last.caughtUp);
      for (int i = 1; i <= 3; i++) {
        int count = i;
        publish(memory, "a", "x");
        await()
            .until(
                () ->
                    first.messages.size() == count
                        && last.messages.size() == count
                        && ofSeveral.messages.size() == count);
      }
      assertThat(broken.messages).hasSize(1);
      await().until(() -> broken.failures.size() == 1 && hub.stats().readers() == 3);
    }
  }

  @Test
  void aDeadlineThatThrowsDoesNotStopTheClock() {
    try (Hub hub = new Hub(memory, List.of(loop), HubOptions.defaults())) {
      Shard shard = hub.shards().get(0);
      AtomicBoolean met = new AtomicBoolean();
      loop.execute(
          () -> {
            shard.wheel().set(new Deadline(() -> throwError()), 0);
            shard.wheel().set(new Deadline(() -> met.set(true)), 200);
          });
      await().untilTrue(met);
    }
  }

  private static void throwError() {
    throw new AssertionError("a deadline that breaks its promise");
  }

  private static final class Deadline extends Wheel.Entry {
    private final Runnable action;

    Deadline(Runnable action) {
      this.action = action;
    }

    @Override
    protected void onDeadline() {
      action.run();
    }
  }

  @Test
  void aWaitWithoutEndDoesNotEndAtOnce() throws Exception {
    try (Hub hub = new Hub(memory)) {
      CompletableFuture<PollResult> endless =
          hub.poll(new Poll(to("a", Start.NOW), 1, Long.MAX_VALUE));
      await().until(() -> hub.stats().polls() == 1);
      publish(memory, "a", "1");
      assertThat(endless.get(5, TimeUnit.SECONDS).messages()).hasSize(1);
      Shard shard = hub.shards().get(0);
      assertThat(shard.loop().submit(() -> shard.wheel().size()).get()).isZero();
    }
  }

  @Test
  void aReaderOfTheLatestDoesNotHideFromOthersWhatIsMissed() throws Exception {
    publish(memory, "a", "1");
    Id second = publish(memory, "a", "2");
    publish(memory, "a", "3");
    clock.now = clock.now.plus(Duration.ofDays(30));
    publish(memory, "other", "x"); // all of a is gone
    try (Hub hub = new Hub(memory)) {
      Start after = new Start.After(second.toCursor());
      Subscription latest = new Subscription(patterns("a"), Start.BEGINNING, true);
      hub.poll(new Poll(latest, 1, 0)).get(5, TimeUnit.SECONDS);
      assertThat(hub.poll(new Poll(to("a", after), 1, 0)).get(5, TimeUnit.SECONDS).gaps())
          .hasSize(1);
      Subscription latestOfTwo = new Subscription(patterns("a", "b"), Start.BEGINNING, true);
      hub.poll(new Poll(latestOfTwo, 1, 0)).get(5, TimeUnit.SECONDS);
      assertThat(hub.poll(new Poll(to("a", after), 1, 0)).get(5, TimeUnit.SECONDS).gaps())
          .hasSize(1);
    }
  }

  @Test
  void aPollThatIsAnsweredBeforeItBeganKeepsItsCursor() throws Exception {
    Id first = publish(memory, "a", "1");
    Log log = neverTellingItsHead();
    try (Hub hub = new Hub(log, List.of(loop), HubOptions.defaults())) {
      Answer cursor = answerNow(hub, to("a", new Start.After(first.toCursor())));
      assertThat(cursor.result.get().next()).isEqualTo(first.toCursor());
      Answer none = answerNow(hub, to("a", Start.NOW));
      assertThat(none.result.get()).isNull();
      assertThat(none.failure.get()).isNotNull();
      assertThat(hub.stats().polls()).isZero();
      assertThat(hub.stats().readers()).isZero();
    }
  }

  private Log neverTellingItsHead() {
    return new LogDecorator(memory) {
      @Override
      public CompletionStage<Long> head(int partition) {
        return new CompletableFuture<>();
      }
    };
  }

  private static final class Answer implements PollListener {
    final AtomicReference<PollResult> result = new AtomicReference<>();
    final AtomicReference<LogException> failure = new AtomicReference<>();

    @Override
    public void onResult(PollResult given) {
      result.set(given);
    }

    @Override
    public void onFailed(LogException why) {
      failure.set(why);
    }
  }

  private Answer answerNow(Hub hub, Subscription what) {
    Answer answer = new Answer();
    CompletableFuture.runAsync(
            () -> hub.shards().get(0).poll(new Poll(what, 1, 60_000), answer).answerNow(), loop)
        .join();
    return answer;
  }

  @Test
  void theLastOfManyLargeMessagesAreFoundOnASmallStack() throws Exception {
    Policies policies = new Policies(List.of(Policies.Rule.parse("#=count:1000,max:2m")));
    Payload large = Payload.wrap(new byte[(1 << 20) + 1]); // a page each, but one array for all
    ScheduledExecutorService small =
        Executors.newSingleThreadScheduledExecutor(
            task -> new Thread(null, task, "small stack", 256 << 10));
    try (Log log = new MemoryLog(MemoryLog.Options.of(policies).withMaxBytes(Long.MAX_VALUE));
        Hub hub = new Hub(log, List.of(small), HubOptions.defaults())) {
      for (int i = 0; i < 1_000; i++) {
        log.append(List.of(Append.of(new Topic("a"), "", large)));
      }
      PollResult last =
          hub.poll(new Poll(to("a", new Start.Last(900)), 1, 0)).get(20, TimeUnit.SECONDS);
      assertThat(last.messages()).extracting(Message::sequence).containsExactly(101L);
    } finally {
      small.shutdownNow();
    }
  }

  @Test
  void aPollOfAClosedHubFails() {
    Hub hub = new Hub(memory);
    hub.close();
    assertFails(hub, to("a", Start.NOW));
  }

  @Test
  void pollsAreNotLeftHangingWhenTheHubIsClosed() {
    Hub hub = new Hub(memory);
    CompletableFuture<PollResult> one = hub.poll(new Poll(to("a", Start.NOW), 1, 60_000));
    CompletableFuture<PollResult> many =
        hub.poll(new Poll(new Subscription(patterns("a", "b/#"), Start.NOW, false), 1, 60_000));
    await().until(() -> hub.stats().polls() == 2);
    hub.close();
    await().until(() -> one.isDone() && many.isDone());
    assertThat(one).isCompletedExceptionally();
    assertThat(many).isCompletedExceptionally();
  }

  private static void assertFails(Hub hub, Subscription what) {
    assertThatThrownBy(() -> hub.poll(new Poll(what, 1, 60_000)).get(5, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(LogException.class);
  }

  private static void begin(Hub hub, Subscription what, Receiver receiver) {
    Shard shard = hub.shards().get(0);
    CompletableFuture.runAsync(() -> shard.subscribe(what, receiver), shard.loop()).join();
  }

  private static Subscription to(String topics, Start start) {
    return Subscription.to(new TopicPattern(topics), start);
  }

  private static List<TopicPattern> patterns(String... topics) {
    return List.of(topics).stream().map(TopicPattern::new).toList();
  }

  private static Id publish(Log log, String topic, String payload) {
    Appended outcome =
        log.append(List.of(Append.of(new Topic(topic), "", Payload.of(payload))))
            .toCompletableFuture()
            .join()
            .get(0);
    return ((Appended.Stored) outcome).id();
  }
}
