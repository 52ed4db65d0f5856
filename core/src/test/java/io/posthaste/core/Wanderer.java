package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Reads from the beginning, by subscriptions or by polls, and is never long in one place. */
final class Wanderer implements Receiver, PollListener {
  final List<TopicPattern> topics;
  final AtomicInteger seen = new AtomicInteger();
  private final Hub hub;
  private final Shard shard;
  private final Random random;
  private final boolean polls;
  private final Map<Integer, List<Long>> sequences = new TreeMap<>(); // the shard's thread's
  private Start start = Start.BEGINNING;
  private boolean stopped;
  private @Nullable Reader reader;

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
    sequences.computeIfAbsent(message.partition(), p -> new ArrayList<>()).add(message.sequence());
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
    sequences.computeIfAbsent(-1, p -> new ArrayList<>()).add(gaps.get(0).from());
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

  /** What it has seen, by partition; under -1 what it was told to have missed. */
  Map<Integer, List<Long>> sequences() {
    return CompletableFuture.supplyAsync(() -> Map.copyOf(sequences), shard.loop()).join();
  }

  /** What it should have seen in the end. */
  static Map<Integer, List<Long>> expected(Log log, List<TopicPattern> topics) {
    Map<Integer, List<Long>> expected = new TreeMap<>();
    for (int partition : log.partitions()) {
      long place = 0;
      boolean more = true;
      while (more) {
        Page page =
            log.read(new ReadRequest(partition, topics, place, 1_000, 1 << 20, false))
                .toCompletableFuture()
                .join();
        for (Message message : page.messages()) {
          expected.computeIfAbsent(partition, p -> new ArrayList<>()).add(message.sequence());
        }
        place = page.through();
        more = page.more();
      }
    }
    return expected;
  }

  @Override
  public String toString() {
    return topics + (polls ? " by polls" : "") + " of " + hub;
  }
}
