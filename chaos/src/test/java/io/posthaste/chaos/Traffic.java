package io.posthaste.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.chaos.ChaosReader.Manner;
import io.posthaste.chaos.ChaosReader.Message;
import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Seen;
import io.posthaste.testkit.Wandering.Opener;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Readers by every technique and publishers by every way, through a cluster's balancers, and the
 * judgement of what they saw against the log.
 */
final class Traffic {
  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(60);
  private static final Want ALL = Want.of("chaos/#").after("0");
  private static final Want SOME = Want.of("chaos/all", "chaos/tcp", Counter.TOPIC).after("0");

  private final Cluster cluster;
  private final List<ChaosReader> readers = new ArrayList<>();
  private final List<Publisher> publishers = new ArrayList<>();
  private final List<Counter> counters = new ArrayList<>();

  /** Begins it; from then on all of them read and publish. */
  Traffic(Cluster cluster, long seed) {
    this.cluster = cluster;
    Map<String, Opener> openers = cluster.openers();
    int number = 0;
    for (Map.Entry<String, Opener> opener : openers.entrySet()) {
      Manner manner = Manner.values()[number % 2];
      Want want = number % 4 < 2 ? ALL : SOME;
      Map<String, Opener> only = Map.of(opener.getKey(), opener.getValue());
      readers.add(new ChaosReader(only, want, manner, seed + number++));
    }
    for (Manner manner : Manner.values()) {
      readers.add(new ChaosReader(openers, ALL, manner, seed + number++));
    }
    publishers.add(new Publisher("post", new Publishings.Post(cluster.httpAddress())));
    publishers.add(new Publisher("batch", new Publishings.Batch(cluster.httpAddress())));
    publishers.add(new Publisher("tcp", new Publishings.OverTcp(cluster.tcpAddress())));
    publishers.add(
        new Publisher("websocket", new Publishings.OverWebSocket(cluster.httpAddress())));
    counters.add(new Counter("one who counts", cluster.httpAddress()));
    counters.add(new Counter("another who counts", cluster.httpAddress()));
  }

  /** Waits until every publisher has had so many more messages acknowledged. */
  void awaitProgress(int messages) {
    List<Integer> enough = publishers.stream().map(p -> p.count() + messages).toList();
    await("publishers go on: " + publishers)
        .atMost(SETTLE_LIMIT)
        .until(
            () -> {
              for (int i = 0; i < enough.size(); i++) {
                Throwable refusal = publishers.get(i).refusal();
                if (refusal != null) {
                  throw new AssertionError(publishers.get(i) + " was refused", refusal);
                }
                if (publishers.get(i).count() < enough.get(i)) {
                  return false;
                }
              }
              return true;
            });
  }

  /** Waits until whatever was published is acknowledged, and publishes no more. */
  void end() throws InterruptedException {
    for (Publisher publisher : publishers) {
      publisher.end();
    }
    for (Counter counter : counters) {
      counter.end();
    }
  }

  /**
   * Holds what was acknowledged, what each node shows of the log, and what each reader saw against
   * each other. All must be well, and {@link #end} have been called.
   */
  void judge() throws IOException {
    List<Message> log = new ArrayList<>();
    for (Daemon node : cluster.nodes()) {
      List<Message> here = log(node);
      if (log.isEmpty()) {
        log = here;
      }
      Difference.none("the log, as " + node.host() + " shows it", log, here);
    }
    int expected = 0;
    for (Publisher publisher : publishers) {
      assertThat(publisher.refusal()).as("%s", publisher).isNull();
      expected += publisher.count();
      Set<Message> published = Set.copyOf(publisher.acknowledged());
      List<Message> inLog = log.stream().filter(published::contains).toList();
      Difference.none("in the log of " + publisher, publisher.acknowledged(), inLog);
    }
    for (Counter counter : counters) {
      assertThat(counter.refusal()).as("%s", counter).isNull();
      expected += counter.acknowledged().size();
      assertThat(log).containsAll(counter.acknowledged());
    }
    assertThat(log.size()).as("messages in the log, all of them acknowledged").isEqualTo(expected);
    List<Message> counts = log.stream().filter(m -> m.topic().equals(Counter.TOPIC)).toList();
    for (int i = 0; i < counts.size(); i++) {
      assertThat(counts.get(i).text()).as("counted without a gap").isEqualTo("" + (i + 1));
    }
    for (ChaosReader reader : readers) {
      judge(reader, log);
    }
  }

  private static void judge(ChaosReader reader, List<Message> log) {
    List<String> topics = reader.want().topics();
    List<Message> expected =
        log.stream().filter(m -> topics.contains("chaos/#") || topics.contains(m.topic())).toList();
    try {
      await().atMost(SETTLE_LIMIT).until(() -> reader.count() >= expected.size());
    } catch (ConditionTimeoutException notAll) {
      Difference.none(reader + " after " + SETTLE_LIMIT, expected, reader.seen());
    }
    reader.close();
    assertThat(reader.missed()).as("told it missed something: %s", reader).isFalse();
    Difference.none(reader.toString(), expected, reader.seen());
  }

  /** All that a node shows of the log. */
  private static List<Message> log(Daemon node) throws IOException {
    List<Message> log = new ArrayList<>();
    try (DoorClient polls = new FreshPolls(Cluster.directly(node), ALL, 0)) {
      boolean any = true;
      while (any) {
        any = false;
        for (Seen next = polls.next(SETTLE_LIMIT);
            next.kind() != Seen.Kind.PLACE;
            next = polls.next(SETTLE_LIMIT)) {
          log.add(new Message(next.topic(), next.text()));
          any = true;
        }
      }
    }
    return log;
  }

  /** Leaves what befell each reader in a file of its own. */
  void write(Path directory) throws IOException {
    for (int i = 0; i < readers.size(); i++) {
      List<String> diary = new ArrayList<>(List.of(readers.get(i).toString()));
      diary.addAll(readers.get(i).diary());
      Files.write(directory.resolve("reader" + (i + 1) + ".txt"), diary);
    }
  }

  /** What all of them did. */
  @Override
  public String toString() {
    StringBuilder told = new StringBuilder();
    publishers.forEach(publisher -> told.append(publisher).append('\n'));
    counters.forEach(counter -> told.append(counter).append('\n'));
    readers.forEach(reader -> told.append(reader).append('\n'));
    return told.toString();
  }
}
