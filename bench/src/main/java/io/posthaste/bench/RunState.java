package io.posthaste.bench;

import java.util.Arrays;
import java.util.BitSet;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What the connections of one run share and count. Confined to the run's event loop. */
final class RunState {
  final Target target;
  final Load load;
  final int run;
  final String runText;
  final Ledger ledger;
  final Histogram latency = nanos();
  final Histogram acks = nanos();
  final Histogram lateness = nanos();
  final byte[] scratch = new byte[SharedReceiveBuffer.BYTES];
  final int[] published;

  /** For each message how long it took to its last reader so far, in ns. */
  final long[] passes;

  final @Nullable BitSet[] failed;
  final long origin = System.nanoTime();
  private final double nanosBetween;

  /** When the bytes being read arrived, from {@link System#nanoTime}. */
  long now;

  /** When the first message is due, in nanoseconds since the origin. */
  long firstDue;

  long lastArrival;
  long lastAck;
  long expected;
  long stray;
  long stale;
  int waiting;
  int acknowledged;
  int failedPublishes;
  int lostConnections;
  boolean closing;
  @Nullable String firstFailure;

  RunState(Target target, Load load, int run) {
    this.target = target;
    this.load = load;
    this.run = run;
    this.nanosBetween = load.messages() == 0 ? 0 : 1e9 / load.rate();
    this.runText = String.format("%08x", run);
    this.ledger = new Ledger(Math.toIntExact(load.readers()));
    this.passes = new long[load.messages()];
    this.published = new int[load.publishedTopics()];
    this.failed = new BitSet[load.publishedTopics()];
  }

  private static Histogram nanos() {
    return new Histogram(1, 600_000_000_000L, 3);
  }

  long sinceOrigin() {
    return System.nanoTime() - origin;
  }

  /** A stamp arrived on a connection. */
  void stamp(int connection, int stampRun, int topic, int seq, long due) {
    if (stampRun != run) {
      stale++;
      return;
    }
    // Topics of a connection are consecutive, from its first.
    int first = (int) ((long) connection * load.subscriptions() % load.topics());
    int within = Math.floorMod(topic - first, load.topics());
    if (topic < 0 || topic >= published.length || within >= load.subscriptions()) {
      stray++;
      return;
    }
    if (seq < 0 || seq >= published[topic]) {
      stray++;
      return;
    }
    ledger.arrived(connection * load.subscriptions() + within, seq);
    lastArrival = now;
    long took = Math.min(600_000_000_000L, Math.max(1, now - origin - due));
    latency.recordValue(took);
    int message = seq * load.publishedTopics() + topic;
    passes[message] = Math.max(passes[message], took);
  }

  /** When a message is due, in nanoseconds since the origin. */
  long dueAt(int message) {
    return firstDue + (long) (message * nanosBetween);
  }

  int topicOf(int message) {
    return message % load.publishedTopics();
  }

  int seqOf(int message) {
    return message / load.publishedTopics();
  }

  void acknowledged(int message) {
    acknowledged++;
    lastAck = now;
    expected += readersOf(topicOf(message));
  }

  /** The median time from a message being due to its last reader having it, in µs. */
  double medianPass() {
    long[] sorted = passes.clone();
    Arrays.sort(sorted);
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2] / 1e3;
  }

  void failure(String what) {
    if (firstFailure == null) {
      firstFailure = what;
    }
  }

  void publishFailed(int topic, int seq, String why) {
    BitSet ofTopic = failed[topic];
    if (ofTopic == null) {
      ofTopic = new BitSet();
      failed[topic] = ofTopic;
    }
    ofTopic.set(seq);
    failedPublishes++;
    failure(why);
  }

  /** Readers of a topic that do read. */
  int readersOf(int topic) {
    int count = 0;
    int first = load.stalled() * load.subscriptions();
    long all = load.readers();
    // The first reader at or after `first` that follows the topic, then every topics-th.
    long reader = first + Math.floorMod(topic - first, load.topics());
    if (reader < all) {
      count = (int) ((all - 1 - reader) / load.topics()) + 1;
    }
    return count;
  }
}
