package io.posthaste.engine.jetstream;

import static java.util.Objects.requireNonNull;

import io.nats.client.impl.Headers;
import io.posthaste.core.Topic;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * What this node says of its own appends, once a second. Beats are stored in a small stream in
 * memory and heard by all nodes as they are published. Thread-safe: all is guarded by this object.
 */
final class Beats {
  /** A beat names at most so many topics; what is more goes into further ones at once. */
  private static final int TOPICS = 10_000;

  /** For how long the stream of beats tells that a node has been. */
  static final Duration KEPT = Duration.ofMinutes(1);

  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(2);
  private static final long ANSWERED_NANOS = Duration.ofSeconds(5).toNanos();

  /** This node's name: another one at each start. */
  private final String node;

  private final Wire wire;
  private final String prefix;
  private final String subject;
  private final Map<Integer, Own> own = new LinkedHashMap<>();
  private long number;
  private long storedNanos = System.nanoTime();

  /** What this node appended to one partition. */
  private static final class Own {
    final Partition partition;
    final Deque<Sending> sendings = new ArrayDeque<>(); // oldest first
    Map<String, Long> appended = new HashMap<>();

    Own(Partition partition) {
      this.partition = partition;
    }

    /** At or below this nothing is under way. */
    long through() {
      long known = partition.known();
      for (Sending oldest = sendings.peek(); oldest != null; oldest = sendings.peek()) {
        if (oldest.underWay > 0) {
          return Math.min(known, oldest.known);
        }
        sendings.remove();
      }
      return known;
    }
  }

  /** What was sent while the partition was known to have reached a sequence. */
  static final class Sending {
    private final long known;
    private int underWay;

    private Sending(long known) {
      this.known = known;
    }
  }

  Beats(Wire wire, String prefix, String node, List<Partition> partitions) {
    this.wire = wire;
    this.node = node;
    this.prefix = prefix;
    this.subject = subjectOf(prefix, node);
    partitions.forEach(partition -> own.put(partition.number, new Own(partition)));
  }

  static String streamOf(String prefix) {
    return prefix + "_beats";
  }

  static String subjectOf(String prefix, String node) {
    return prefix + ".beat." + node;
  }

  private Own of(Partition partition) {
    return requireNonNull(own.get(partition.number));
  }

  /** A message is about to be sent; to be given back with {@link #answered}. */
  synchronized Sending sending(Partition partition) {
    Own of = of(partition);
    Sending last = of.sendings.peekLast();
    long known = partition.known();
    if (last == null || last.known != known) {
      last = new Sending(known);
      of.sendings.add(last);
      of.through(); // lets go of those that are done
    }
    last.underWay++;
    return last;
  }

  /**
   * A message that was sent was answered, or will not be.
   *
   * @param sequence 0 if it was not stored
   * @param inDoubt whether it may have been stored all the same
   */
  synchronized void answered(
      Sending sending, Partition partition, Topic topic, long sequence, boolean inDoubt) {
    if (sequence > 0) {
      of(partition)
          .appended
          .merge(
              topic.name(),
              sequence,
              (one, other) -> one == Beat.IN_DOUBT ? one : Math.max(one, other));
    } else if (inDoubt) {
      of(partition).appended.put(topic.name(), Beat.IN_DOUBT);
    }
    sending.underWay--;
  }

  /** Says what there is to say. */
  CompletableFuture<Void> beat() {
    return beat(false);
  }

  /** Says that this node ends, unless something is still under way: then its silence says so. */
  CompletableFuture<Void> end() {
    synchronized (this) {
      for (Own of : own.values()) {
        of.through();
        if (!of.sendings.isEmpty()) {
          return CompletableFuture.completedFuture(null);
        }
      }
    }
    return beat(true);
  }

  private CompletableFuture<Void> beat(boolean last) {
    CompletableFuture<Void> said = CompletableFuture.completedFuture(null);
    for (Beat beat : next(last)) {
      said = said.thenCombine(say(beat), (one, other) -> one);
    }
    return said;
  }

  private synchronized List<Beat> next(boolean last) {
    Map<Integer, Long> through = new LinkedHashMap<>();
    Map<Integer, Map<String, Long>> appended = new LinkedHashMap<>();
    List<Beat> beats = new ArrayList<>();
    Map<Integer, Beat.Part> parts = new LinkedHashMap<>();
    own.forEach((number, of) -> through.put(number, of.through()));
    own.forEach(
        (number, of) -> {
          appended.put(number, of.appended);
          of.appended = new HashMap<>();
        });
    // All but the last only name topics: what they say is complete once that is heard.
    Map<String, Long> named = new HashMap<>();
    for (Map.Entry<Integer, Map<String, Long>> of : appended.entrySet()) {
      for (Map.Entry<String, Long> topic : of.getValue().entrySet()) {
        named.put(topic.getKey(), topic.getValue());
        if (named.size() == TOPICS) {
          beats.add(new Beat(node, ++number, false, Map.of(of.getKey(), new Beat.Part(0, named))));
          named = new HashMap<>();
        }
      }
      parts.put(of.getKey(), new Beat.Part(through.getOrDefault(of.getKey(), 0L), named));
      named = new HashMap<>();
    }
    beats.add(new Beat(node, ++number, last, parts));
    return beats;
  }

  private CompletableFuture<Void> say(Beat beat) {
    return wire.request(subject, new Headers(), beat.toBytes(), ANSWERED_WITHIN)
        .handle(
            (answer, failure) -> {
              if (failure == null) {
                stored(answer.getData());
              }
              return null;
            });
  }

  private void stored(byte[] answer) {
    try {
      Wire.json(answer);
      synchronized (this) {
        storedNanos = System.nanoTime();
      }
    } catch (Wire.ApiError e) {
      // Then it was heard, perhaps, but not stored: failure() tells if that goes on.
      return;
    }
  }

  /** The nodes that have beaten within the last {@link #KEPT}, this one among them. */
  CompletableFuture<Set<String>> nodes() {
    String all = subjectOf(prefix, "");
    return wire.counts(streamOf(prefix), all + "*")
        .thenApply(
            counts ->
                counts.keySet().stream()
                    .map(subject -> subject.substring(all.length()))
                    .collect(Collectors.toSet()));
  }

  /** Why nothing was stored lately, if so. */
  synchronized Optional<String> failure() {
    return System.nanoTime() - storedNanos < ANSWERED_NANOS
        ? Optional.empty()
        : Optional.of(
            "JetStream has stored nothing for some seconds (expected: a leader; it comes back by itself)");
  }
}
