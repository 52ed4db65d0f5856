package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Readers that are behind, over a log whose pages come when the test says. */
final class LogReadsTest {
  private static final int AT_ONCE = 3;

  private final SlowLog log = new SlowLog();
  private final Hub hub = new Hub(log, List.of(), new HubOptions(0, 0, 2, 1 << 20, AT_ONCE));
  private final Shard shard = hub.shards().get(0);

  /** Answers reads when told to. */
  private static final class SlowLog extends LogDecorator {
    final Queue<Runnable> underWay = new ConcurrentLinkedQueue<>();

    SlowLog() {
      super(new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT)));
    }

    @Override
    public CompletionStage<Page> read(ReadRequest request) {
      CompletableFuture<Page> answer = new CompletableFuture<>();
      underWay.add(() -> super.read(request).thenAccept(answer::complete));
      return answer;
    }
  }

  @AfterEach
  void close() {
    hub.close();
    log.close();
  }

  private void publish(int count) {
    for (int i = 0; i < count; i++) {
      log.append(List.of(Append.of(new Topic("a"), "", Payload.of(String.valueOf(i)))));
    }
  }

  private List<Collector> begin(int readers) {
    return IntStream.range(0, readers).mapToObj(i -> new Collector()).peek(this::begin).toList();
  }

  private Reader begin(Collector collector) {
    return begin(Subscription.to(new TopicPattern("a"), Start.BEGINNING), collector);
  }

  private Reader begin(Subscription what, Collector collector) {
    return CompletableFuture.supplyAsync(() -> shard.subscribe(what, collector), shard.loop())
        .join();
  }

  private void onShard(Runnable task) {
    CompletableFuture.runAsync(task, shard.loop()).join();
  }

  private void answerOne() {
    await().until(() -> !log.underWay.isEmpty());
    log.underWay.remove().run();
  }

  @Test
  void onlySoManyPagesAreReadAtATime() {
    publish(4);
    List<Collector> collectors = begin(10);
    await().until(() -> log.underWay.size() == AT_ONCE);
    assertThat(hub.stats().logReads()).isEqualTo(AT_ONCE);
    await().until(() -> hub.stats().logReadsWaiting() == 7);
    while (collectors.stream().anyMatch(collector -> !collector.caughtUp)) {
      Runnable page = log.underWay.poll();
      if (page != null) {
        page.run();
      }
      assertThat(log.underWay).hasSizeLessThanOrEqualTo(AT_ONCE);
    }
    assertThat(collectors)
        .allSatisfy(c -> assertThat(c.payloads()).containsExactly("0", "1", "2", "3"));
    await().until(() -> hub.stats().logReads() == 0 && hub.stats().logReadsWaiting() == 0);
  }

  @Test
  void readersHaveAPageEachInTurn() {
    publish(20);
    List<Collector> collectors = begin(6);
    await().until(() -> hub.stats().logReadsWaiting() == 6 - AT_ONCE);
    for (int i = 0; i < 6; i++) {
      answerOne();
      int answered = i + 1;
      await()
          .until(() -> collectors.stream().mapToInt(c -> c.messages.size()).sum() == 2 * answered);
    }
    assertThat(collectors).allSatisfy(c -> assertThat(c.messages).hasSize(2));
  }

  @Test
  void aReaderThatHasGoneKeepsNoPlace() {
    publish(1);
    List<Collector> collectors = new ArrayList<>();
    List<Reader> readers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      collectors.add(new Collector());
      readers.add(begin(collectors.get(i)));
    }
    await().until(() -> hub.stats().logReadsWaiting() == 8 - AT_ONCE);
    onShard(() -> readers.subList(0, 7).forEach(Reader::close));
    // Even while the log hangs: whoever waits for it is whoever is still there.
    assertThat(hub.stats().logReadsWaiting()).isEqualTo(1);
    for (int i = 0; i <= AT_ONCE; i++) {
      answerOne();
    }
    await().until(() -> collectors.get(7).caughtUp);
    assertThat(collectors.get(7).payloads()).containsExactly("0");
    assertThat(collectors.subList(0, 7)).allMatch(collector -> collector.messages.isEmpty());
    await().until(() -> hub.stats().logReads() == 0 && hub.stats().logReadsWaiting() == 0);
  }

  @Test
  void readersOfSeveralTopicsThatHaveGoneDoNotPileUpBehindALogThatHangs() {
    publish(1);
    begin(AT_ONCE);
    await().until(() -> log.underWay.size() == AT_ONCE);
    Subscription both =
        new Subscription(
            List.of(new TopicPattern("a"), new TopicPattern("b")), Start.BEGINNING, false);
    for (int i = 0; i < 100; i++) {
      Reader reader = begin(both, new Collector());
      await().until(() -> hub.stats().logReadsWaiting() == 1);
      onShard(reader::close);
      assertThat(hub.stats().logReadsWaiting()).isZero();
    }
  }

  @Test
  void aReaderThatIsFullGivesItsPlaceToOthers() {
    publish(4);
    Collector full = new Collector();
    full.takesMore = message -> false;
    begin(full);
    answerOne();
    await().until(() -> full.messages.size() == 1);
    await().until(() -> hub.stats().logReads() == 0);
    assertThat(hub.stats().logReadsWaiting()).isZero();
  }
}
