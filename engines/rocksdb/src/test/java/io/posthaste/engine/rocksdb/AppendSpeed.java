package io.posthaste.engine.rocksdb;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * How many durable appends a second, beside what RocksDB itself does in the same run with the same
 * options, bytes, synced batches and number of puts. A program, not a test:
 *
 * <pre>
 * java -cp … io.posthaste.engine.rocksdb.AppendSpeed DIRECTORY [SECONDS [PAYLOAD [TOPICS]]]
 * </pre>
 */
final class AppendSpeed {
  private static final int PUBLISHERS = 2;
  private static final int UNDER_WAY = 256; // a publisher

  private AppendSpeed() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    byte[] payload = new byte[arguments.length > 2 ? Integer.parseInt(arguments[2]) : 100];
    int topics = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 1_000;
    Files.createDirectories(directory);
    for (int round = 0; round < 3; round++) {
      double own = log(directory.resolve("log" + round), seconds, payload, topics);
      int group = lastGroup;
      double raw = raw(directory.resolve("raw" + round), seconds, payload, topics, group);
      System.out.printf("ratio %.2f (group %d)%n", own / raw, group);
    }
  }

  private static int lastGroup = 1;

  private static RocksLog.Options options(Path directory) {
    Policies policies = new Policies(List.of(Policies.Rule.parse("#=count:100000000")));
    return RocksLog.Options.of(directory, policies);
  }

  private static double log(Path directory, int seconds, byte[] payload, int topics)
      throws Exception {
    try (RocksLog log = RocksLog.open(options(directory))) {
      long begin = System.nanoTime();
      long end = begin + seconds * 1_000_000_000L;
      AtomicInteger next = new AtomicInteger();
      List<Thread> publishers = new ArrayList<>();
      for (int i = 0; i < PUBLISHERS; i++) {
        Thread thread = new Thread(() -> publish(log, end, payload, topics, next));
        thread.start();
        publishers.add(thread);
      }
      for (Thread thread : publishers) {
        thread.join();
      }
      double took = (System.nanoTime() - begin) / 1e9;
      RocksLog.Statistics statistics = log.statistics();
      lastGroup = Math.toIntExact(Math.max(1, statistics.messages() / statistics.syncs()));
      System.out.printf(
          "log %,.0f appends/s, %d syncs, %.1f a group, largest %d%n",
          statistics.messages() / took,
          statistics.syncs(),
          statistics.messages() / (double) statistics.syncs(),
          statistics.largestGroup());
      return statistics.messages() / took;
    }
  }

  private static void publish(
      RocksLog log, long end, byte[] payload, int topics, AtomicInteger next) {
    Topic[] names = new Topic[topics];
    for (int i = 0; i < topics; i++) {
      names[i] = new Topic("speed/topic/" + i);
    }
    ArrayDeque<CompletionStage<List<Appended>>> underWay = new ArrayDeque<>();
    while (System.nanoTime() < end) {
      Topic topic = names[Math.floorMod(next.getAndIncrement(), topics)];
      underWay.add(log.append(List.of(Append.of(topic, "", Payload.copyOf(payload)))));
      if (underWay.size() == UNDER_WAY) {
        expectStored(underWay.remove());
      }
    }
    underWay.forEach(AppendSpeed::expectStored);
  }

  private static void expectStored(CompletionStage<List<Appended>> stage) {
    Appended appended = stage.toCompletableFuture().join().get(0);
    if (!(appended instanceof Appended.Stored)) {
      throw new IllegalStateException("not stored: " + appended);
    }
  }

  /** Two puts a message of the same sizes, one synced batch a group, one thread. */
  private static double raw(Path directory, int seconds, byte[] payload, int topics, int group)
      throws Exception {
    try (Store store = Store.open(options(directory));
        WriteOptions synced = new WriteOptions().setSync(true);
        WriteBatch batch = new WriteBatch()) {
      byte[][] names = new byte[topics][];
      for (int i = 0; i < topics; i++) {
        names[i] = Layout.utf8("speed/topic/" + i);
      }
      byte[] value = new byte[payload.length + 50];
      byte[] entry = Layout.indexValue(1, 2, 3, 4, false);
      long begin = System.nanoTime();
      long end = begin + seconds * 1_000_000_000L;
      long sequence = 0;
      long syncs = 0;
      while (System.nanoTime() < end) {
        for (int i = 0; i < group; i++) {
          sequence++;
          byte[] name = names[(int) (sequence % topics)];
          batch.put(store.log, Layout.sequenceKey(sequence), value);
          batch.put(store.index, Layout.indexKey(name, sequence), entry);
        }
        store.db.write(synced, batch);
        batch.clear();
        syncs++;
      }
      double rate = sequence / ((System.nanoTime() - begin) / 1e9);
      System.out.printf("raw %,.0f appends/s, %d syncs, %d a group%n", rate, syncs, group);
      return rate;
    }
  }
}
