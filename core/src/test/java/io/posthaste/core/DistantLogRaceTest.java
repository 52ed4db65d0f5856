package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * As {@link HubRaceTest}, over a log behind a network: everything is answered late, interest takes
 * effect late, and the connection breaks at random. No reader may lose or repeat anything. Two of
 * the topics are in a partition of their own.
 */
final class DistantLogRaceTest {
  private static final int TOPICS = 5;
  private static final int PUBLISHERS = 6;
  private static final int BATCHES = 250;

  private final long seed = System.nanoTime();
  private final List<ScheduledExecutorService> loops =
      List.of(
          Executors.newSingleThreadScheduledExecutor(),
          Executors.newSingleThreadScheduledExecutor());
  private final ScheduledExecutorService breaker = Executors.newSingleThreadScheduledExecutor();
  private final DistantLog log = new DistantLog(twoPartitions(), seed);

  private static Log twoPartitions() {
    Policies policies =
        new Policies(
            List.of(
                Policies.Rule.parse("t/0=count:1000000,memory"),
                Policies.Rule.parse("t/1=count:1000000,memory"),
                Policies.Rule.parse("#=count:1000000")));
    String epoch = Epoch.random();
    return new SplitLog(partition(epoch, 0, policies), partition(epoch, 1, policies), policies);
  }

  private static Log partition(String epoch, int partition, Policies policies) {
    return new MemoryLog(
        new MemoryLog.Options(
            epoch, partition, 0, policies, Long.MAX_VALUE, InstantSource.system()));
  }

  @AfterEach
  void close() {
    breaker.shutdownNow();
    loops.forEach(ScheduledExecutorService::shutdownNow);
    log.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {500, 20_000, 64 << 20})
  void noReaderLosesOrRepeatsAnything(long tailBytes) throws Exception {
    try (Hub hub = new Hub(log, loops, new HubOptions(tailBytes, 20, 64, 1 << 20, 4))) {
      Random random = new Random(seed);
      List<List<String>> sets =
          List.of(
              List.of("t/0"),
              List.of("t/+"),
              List.of("t/1", "t/2"),
              List.of("#"),
              List.of("t/2", "t/4"),
              List.of("t/0", "t/#", "t/4"),
              List.of("nothing", "t/3"));
      List<Wanderer> readers = new ArrayList<>();
      for (int i = 0; i < 28; i++) {
        Shard shard = hub.shards().get(i % 2);
        readers.add(
            new Wanderer(hub, shard, sets.get(i % sets.size()), random.nextLong(), i % 4 == 3));
      }
      breaker.execute(() -> breakNowAndThen(random));
      CompletableFuture.allOf(
              IntStream.range(0, PUBLISHERS)
                  .mapToObj(p -> CompletableFuture.runAsync(() -> publish(hub, p)))
                  .toArray(CompletableFuture[]::new))
          .get();
      for (Wanderer reader : readers) {
        Map<Integer, List<Long>> expected = Wanderer.expected(log, reader.topics);
        int count = expected.values().stream().mapToInt(List::size).sum();
        await("seed " + seed + " " + reader)
            .atMost(Duration.ofSeconds(30))
            .until(() -> reader.seen.get() >= count);
        reader.stop();
        assertThat(reader.sequences()).as("seed %d, %s", seed, reader).isEqualTo(expected);
      }
      await().until(() -> hub.stats().readers() == 0);
      await().until(() -> hub.stats().feeds() == 0);
      assertThat(hub.stats().logReads()).isZero();
    }
  }

  private void breakNowAndThen(Random random) {
    log.breakOff();
    breaker.schedule(() -> breakNowAndThen(random), random.nextInt(20_000), TimeUnit.MICROSECONDS);
  }

  private static void publish(Hub hub, int publisher) {
    Random random = new Random(publisher);
    for (int i = 0; i < BATCHES; i++) {
      List<Append> batch = new ArrayList<>();
      for (int size = 1 + random.nextInt(3); size > 0; size--) {
        Topic topic = new Topic("t/" + random.nextInt(TOPICS));
        batch.add(Append.of(topic, "", Payload.of(publisher + " " + i)));
      }
      hub.publish(batch).toCompletableFuture().join();
    }
  }
}
