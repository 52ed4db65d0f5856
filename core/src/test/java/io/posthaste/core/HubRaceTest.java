package io.posthaste.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
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
        Map<Integer, List<Long>> expected = Wanderer.expected(log, reader.topics);
        int count = requireNonNull(expected.get(0)).size();
        await("seed " + seed + " " + reader)
            .atMost(Duration.ofSeconds(60))
            .until(() -> reader.seen.get() >= count);
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
}
