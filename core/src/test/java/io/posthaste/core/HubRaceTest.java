package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Publishers at full speed; readers that begin, fill up, go on, leave and come back by cursor at
 * random. Each must have seen every message of its topics once, in order, whether tails were large
 * enough to serve it or so small that it had to read the log.
 */
final class HubRaceTest {
  private static final int TOPICS = 5;
  private static final int MESSAGES = 20_000;

  private final List<ScheduledExecutorService> loops =
      List.of(
          Executors.newSingleThreadScheduledExecutor(),
          Executors.newSingleThreadScheduledExecutor());
  private final Log log =
      new MemoryLog(
          MemoryLog.Options.of(new Policies(List.of(Policies.Rule.parse("#=count:1000000")))));

  @AfterEach
  void close() {
    loops.forEach(ScheduledExecutorService::shutdownNow);
    log.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000, 100_000, 64 << 20})
  void everyReaderSeesEveryMessageOfItsTopicsOnceInOrder(long tailBytes) throws Exception {
    HubOptions options = new HubOptions(tailBytes, 50, 64, 1 << 20, 2);
    try (Hub hub = new Hub(log, loops, options)) {
      long seed = System.nanoTime();
      Random random = new Random(seed);
      List<Wanderer> readers = new ArrayList<>();
      List<List<String>> sets =
          List.of(
              List.of("t/0"),
              List.of("t/+"),
              List.of("t/1", "t/2"),
              List.of("#"),
              List.of("t/0", "t/#", "t/4"),
              List.of("nothing", "t/3"));
      for (int i = 0; i < 24; i++) {
        Shard shard = hub.shards().get(i % 2);
        readers.add(
            new Wanderer(hub, shard, sets.get(i % sets.size()), random.nextLong(), i % 4 == 3));
      }
      List<CompletableFuture<Void>> publishers =
          IntStream.range(0, 2)
              .mapToObj(p -> CompletableFuture.runAsync(() -> publish(hub, p)))
              .toList();
      CompletableFuture.allOf(publishers.toArray(CompletableFuture[]::new)).get();
      for (Wanderer reader : readers) {
        List<Long> expected = expected(reader.topics);
        await("seed " + seed + " " + reader)
            .atMost(Duration.ofSeconds(60))
            .until(() -> reader.seen.get() >= expected.size());
        reader.stop();
        assertThat(reader.sequences()).as("seed %d, %s", seed, reader).isEqualTo(expected);
      }
      await().until(() -> hub.stats().readers() == 0);
      await().until(() -> hub.stats().feeds() == 0);
    }
  }

  private static void publish(Hub hub, int publisher) {
    Random random = new Random(publisher);
    for (int i = 0; i < MESSAGES / 2; i++) {
      Topic topic = new Topic("t/" + random.nextInt(TOPICS));
      hub.publish(Append.of(topic, "", Payload.of(publisher + " " + i)))
          .toCompletableFuture()
          .join();
    }
  }

  private List<Long> expected(List<TopicPattern> topics) {
    List<Long> sequences = new ArrayList<>();
    long place = 0;
    while (true) {
      Page page =
          log.read(new ReadRequest(0, topics, place, 1_000, 1 << 20, false))
              .toCompletableFuture()
              .join();
      page.messages().forEach(message -> sequences.add(message.sequence()));
      if (!page.more()) {
        return sequences;
      }
      place = page.through();
    }
  }

  /** Reads from the beginning, by subscriptions or by polls, and is never long in one place. */
  private static final class Wanderer implements Receiver, PollListener {
    final List<TopicPattern> topics;
    final AtomicInteger seen = new AtomicInteger();
    private final Hub hub;
    private final Shard shard;
    private final Random random;
    private final boolean polls;
    private final List<Long> sequences = new ArrayList<>(); // the shard's thread's
    private Start start = Start.BEGINNING;
    private boolean stopped;
    private Reader reader;

    Wanderer(Hub hub, Shard shard, List<String> topics, long seed, boolean polls) {
      this.hub = hub;
      this.shard = shard;
      this.topics = topics.stream().map(TopicPattern::new).toList();
      this.random = new Random(seed);
      this.polls = polls;
      shard.loop().execute(this::begin);
    }

    private void begin() {
      if (stopped) {
        return;
      }
      Subscription what = new Subscription(topics, start, false);
      if (polls) {
        shard.poll(new Poll(what, 1 + random.nextInt(50), random.nextInt(200)), this);
      } else {
        reader = shard.subscribe(what, this);
      }
    }

    @Override
    public boolean onMessage(Reader from, Message message) {
      take(message);
      if (random.nextInt(500) == 0) {
        start = new Start.After(Cursor.parse(from.cursor().toString()));
        from.close();
        shard.loop().execute(this::begin);
        return true;
      }
      if (random.nextInt(50) == 0) {
        shard.loop().execute(from::resume);
        return false;
      }
      return true;
    }

    @Override
    public void onResult(PollResult result) {
      assertThat(result.gaps()).isEmpty();
      result.messages().forEach(this::take);
      start = new Start.After(result.next());
      shard.loop().execute(this::begin);
    }

    private void take(Message message) {
      sequences.add(message.sequence());
      seen.incrementAndGet();
    }

    @Override
    public void onBatchEnd(Reader from, boolean caughtUp) {
      if (random.nextInt(500) == 0 && from == reader) {
        // A quiet reader's cursor may have moved on; it must resume as well as any.
        start = new Start.After(from.cursor());
        from.close();
        shard.loop().execute(this::begin);
      }
    }

    @Override
    public void onMissed(Reader from, List<Gap> gaps) {
      sequences.add(-1L);
    }

    @Override
    public void onFailed(Reader from, LogException failure) {
      throw failure;
    }

    @Override
    public void onFailed(LogException failure) {
      throw failure;
    }

    void stop() {
      CompletableFuture.runAsync(
              () -> {
                stopped = true;
                if (reader != null) {
                  reader.close();
                }
              },
              shard.loop())
          .join();
    }

    List<Long> sequences() {
      return CompletableFuture.supplyAsync(() -> List.copyOf(sequences), shard.loop()).join();
    }

    @Override
    public String toString() {
      return topics + (polls ? " by polls" : "") + " of " + hub;
    }
  }
}
