package io.posthaste.engine.jetstream;

import static java.util.Objects.requireNonNull;

import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import io.posthaste.core.CommitListener;
import io.posthaste.core.Followers;
import io.posthaste.core.Interest;
import io.posthaste.core.LogException;
import io.posthaste.core.PatternTree;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what streams publish again of what they store, on the subjects that somebody here wants and
 * no others, and tells {@link Followers} in log order. What was lost on the way is found by the
 * sequence of the subject's message before, which each message tells, and by nodes' {@link Beat}s;
 * then the partition is said to be interrupted, and readers read the log.
 *
 * <p>A stream's leader publishes again in the order of the log, and NATS keeps that order over one
 * connection; a message that comes late all the same, after a change of leaders, is an interruption
 * too. One message comes as often as subscriptions match it, side by side, and is told once.
 *
 * <p>All goes through a bounded queue to one thread of this class, {@code posthaste-live}, which is
 * the committing thread of all partitions. Interest is guarded by {@link #wanted}, the queue by
 * {@link #queue}.
 */
final class Live implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Live.class);
  private static final String SEQUENCE = "Nats-Sequence";
  private static final String BEFORE = "Nats-Last-Sequence";
  private static final int BATCH = 1_000;

  /** So many topics' last heard sequences are remembered. */
  private static final int TOPICS = 100_000;

  private final Routing routing;
  private final List<Partition> partitions;
  private final IntFunction<CompletableFuture<Long>> head;
  private final long maxBytes;
  private final Peers peers;
  private final Dispatcher dispatcher;
  private final Followers followers = new Followers();
  private final Thread thread = new Thread(this::run, "posthaste-live");

  // Guarded by wanted.
  private final Map<TopicPattern, Wanted> wanted = new HashMap<>();
  private final PatternTree<Wanted> wildcards = new PatternTree<>();
  private final Map<Integer, Wanted> mirrored = new HashMap<>(); // all of a partition, by number

  private final Queue<Heard> queue = new ArrayDeque<>(); // guarded by itself, as are the next two
  private long queuedBytes;
  private boolean closed;

  // All below belongs to the thread.
  private final Watch watch;
  private final Map<Integer, List<io.posthaste.core.Message>> untold = new LinkedHashMap<>();
  private final Map<Integer, Long> lastHeard = new HashMap<>();
  private final Map<Integer, Long> advanced = new HashMap<>(); // beyond that, by what nodes say
  private final Map<String, Long> lastOfSubject =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > TOPICS;
        }
      };

  /** What somebody wants, and since when. */
  private static final class Wanted {
    final List<Subscription> subscriptions = new ArrayList<>();

    /** By partition: everything above this is heard; missing while that is not known. */
    final Map<Integer, Long> since = new ConcurrentHashMap<>();

    int times = 1;

    long since(Partition partition) {
      return since.getOrDefault(partition.number, Long.MAX_VALUE);
    }
  }

  /** What is queued for the thread. */
  private sealed interface Heard {}

  /** A message that was stored. */
  private record Stored(Partition partition, Message message, Wanted by) implements Heard {}

  /** Something may have been lost. */
  private record Lost(Partition partition, String why) implements Heard {}

  /** A beat of a node's. */
  private record Said(Message beat) implements Heard {}

  /** Some time has passed. */
  private record Passed() implements Heard {}

  /** These nodes are there. */
  private record Nodes(Set<String> nodes) implements Heard {}

  /**
   * @param head asks a stream's leader how far it is, over the same connection
   * @param maxBytes so much may wait for the thread; more is dropped, and said to be
   * @param beats the subjects under which nodes' beats are heard
   * @param peers told of each beat
   */
  Live(
      Wire wire,
      Routing routing,
      List<Partition> partitions,
      IntFunction<CompletableFuture<Long>> head,
      long maxBytes,
      String beats,
      Peers peers) {
    this.routing = routing;
    this.partitions = partitions;
    this.head = head;
    this.maxBytes = maxBytes;
    this.peers = peers;
    this.watch = new Watch(new Ears(), partitions, System.nanoTime());
    this.dispatcher = wire.connection().createDispatcher();
    dispatcher.setPendingLimits(-1, -1); // ours is the queue that is bounded
    dispatcher.subscribe(beats, beat -> offer(new Said(beat)));
    thread.setDaemon(true);
    thread.start();
  }

  // ---------------------------------------------------------------- interest

  Interest follow(CommitListener listener) {
    Interest telling = followers.follow(listener);
    return new Wanting(telling);
  }

  /** Has a listener told of all that a partition stores. */
  CompletableFuture<Void> followAll(CommitListener listener, Partition partition) {
    Wanted all = new Wanted();
    CompletableFuture<Void> told =
        followers.follow(listener).add(TopicPattern.ALL).toCompletableFuture();
    synchronized (wanted) {
      all.subscriptions.add(
          dispatcher.subscribe(
              partition.live + ">", message -> offer(new Stored(partition, message, all))));
      mirrored.put(partition.number, all);
    }
    return told.thenCombine(
        head.apply(partition.number)
            .thenAccept(reached -> all.since.put(partition.number, reached)),
        (one, other) -> one);
  }

  private final class Wanting implements Interest {
    private final Interest telling;
    private final List<TopicPattern> added = new ArrayList<>(); // guarded by itself

    Wanting(Interest telling) {
      this.telling = telling;
    }

    @Override
    public CompletionStage<Void> add(TopicPattern topics) {
      CompletableFuture<Void> told = telling.add(topics).toCompletableFuture();
      if (told.isCompletedExceptionally()) {
        return told;
      }
      synchronized (added) {
        added.add(topics);
      }
      return want(topics);
    }

    @Override
    public void remove(TopicPattern topics) {
      synchronized (added) {
        if (!added.remove(topics)) {
          return;
        }
      }
      telling.remove(topics);
      unwant(topics);
    }

    @Override
    public void close() {
      telling.close();
      List<TopicPattern> all;
      synchronized (added) {
        all = List.copyOf(added);
        added.clear();
      }
      all.forEach(Live.this::unwant);
    }
  }

  private CompletableFuture<Void> want(TopicPattern topics) {
    Wanted mine;
    List<Integer> numbers = routing.of(topics);
    synchronized (wanted) {
      Wanted known = wanted.get(topics);
      if (known != null) {
        known.times++;
        mine = known;
      } else {
        mine = new Wanted();
        try {
          for (int number : numbers) {
            subscribe(mine, routing.partition(number), topics);
          }
        } catch (IllegalStateException e) {
          return CompletableFuture.failedFuture(new LogException("the log is closed", e));
        }
        wanted.put(topics, mine);
        if (!topics.isTopic()) {
          wildcards.put(topics, mine);
        }
      }
    }
    // The leader's answer comes the way that the subscription went, so that stands when this is
    // here.
    List<CompletableFuture<Void>> heard = new ArrayList<>();
    for (int number : numbers) {
      heard.add(head.apply(number).thenAccept(reached -> mine.since.putIfAbsent(number, reached)));
    }
    return CompletableFuture.allOf(heard.toArray(CompletableFuture[]::new));
  }

  private void subscribe(Wanted by, Partition partition, TopicPattern topics) {
    if (mirrored.containsKey(partition.number)) {
      return; // heard already
    }
    for (String subject : Subjects.of(partition.live, topics)) {
      by.subscriptions.add(
          dispatcher.subscribe(subject, message -> offer(new Stored(partition, message, by))));
    }
  }

  private void unwant(TopicPattern topics) {
    synchronized (wanted) {
      Wanted known = wanted.get(topics);
      if (known == null || --known.times > 0) {
        return;
      }
      wanted.remove(topics);
      if (!topics.isTopic()) {
        wildcards.remove(topics);
      }
      for (Subscription subscription : known.subscriptions) {
        if (subscription.isActive()) {
          dispatcher.unsubscribe(subscription);
        }
      }
    }
  }

  /** As {@link Watch.Hearing#wantedSince}: the earliest, if several want the topic. */
  private long wantedSince(Partition partition, Topic topic) {
    List<Wanted> by = new ArrayList<>();
    synchronized (wanted) {
      Wanted all = mirrored.get(partition.number);
      if (all != null) {
        by.add(all);
      }
      Wanted exactly = wanted.get(TopicPattern.of(topic));
      if (exactly != null) {
        by.add(exactly);
      }
      if (!wildcards.isEmpty()) {
        wildcards.forEachMatch(topic, by::add);
      }
    }
    return by.stream().mapToLong(one -> one.since(partition)).min().orElse(-1);
  }

  // ---------------------------------------------------------------- hearing

  /** Something may have been lost, in all partitions. */
  void interrupt(String why) {
    partitions.forEach(partition -> offer(new Lost(partition, why)));
  }

  /** Some time has passed: twice a second. */
  void tick() {
    offer(new Passed());
  }

  /** These nodes are there, as the stream of beats has it. */
  void nodes(Set<String> nodes) {
    offer(new Nodes(nodes));
  }

  private static int weight(Heard heard) {
    return heard instanceof Stored stored ? 512 + data(stored.message).length : 0;
  }

  private static byte[] data(Message message) {
    byte[] data = message.getData();
    return data == null ? new byte[0] : data;
  }

  private void offer(Heard heard) {
    synchronized (queue) {
      if (closed) {
        return;
      }
      if (queuedBytes > maxBytes) {
        // What is dropped is read from the log: one word of it a partition is enough.
        String why = queuedBytes + " bytes waited to be told";
        queue.clear();
        queuedBytes = 0;
        partitions.forEach(partition -> queue.add(new Lost(partition, why)));
      }
      queue.add(heard);
      queuedBytes += weight(heard);
      queue.notifyAll();
    }
  }

  private void run() {
    try {
      List<Heard> batch = new ArrayList<>();
      while (take(batch)) {
        batch.forEach(this::handle);
        batch.clear();
        List.copyOf(untold.keySet()).forEach(this::tell);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean take(List<Heard> batch) throws InterruptedException {
    synchronized (queue) {
      while (queue.isEmpty() && !closed) {
        queue.wait();
      }
      for (int i = 0; i < BATCH && !queue.isEmpty(); i++) {
        Heard heard = requireNonNull(queue.poll());
        queuedBytes -= weight(heard);
        batch.add(heard);
      }
      return !closed;
    }
  }

  private void handle(Heard heard) {
    try {
      if (heard instanceof Stored stored) {
        stored(stored.partition, stored.message, stored.by.since(stored.partition));
      } else if (heard instanceof Lost lost) {
        lost(lost.partition, lost.why);
      } else if (heard instanceof Said said) {
        Beat beat = Beat.of(said.beat.getData());
        watch.heard(beat, System.nanoTime());
        peers.heard(beat, System.nanoTime());
      } else if (heard instanceof Nodes there) {
        watch.nodes(there.nodes, System.nanoTime());
      } else {
        watch.tick(System.nanoTime());
      }
    } catch (RuntimeException e) { // whatever somebody sent, the thread goes on
      LOGGER.warn("a message of NATS cannot be read", e);
      partitions.forEach(partition -> lost(partition, "a message could not be read"));
    }
  }

  private void stored(Partition partition, Message heard, long since) {
    Headers headers = heard.getHeaders();
    String subject = heard.getSubject();
    long sequence = Long.parseLong(Codec.first(headers, SEQUENCE));
    long before = Long.parseLong(Codec.first(headers, BEFORE));
    long last = lastHeard.getOrDefault(partition.number, 0L);
    if (sequence == last) {
      return; // another subscription has it too
    }
    long reached = Math.max(last, advanced.getOrDefault(partition.number, 0L));
    if (sequence <= reached) {
      lost(partition, sequence + " came when all up to " + reached + " had been told");
      return;
    }
    Topic topic = Subjects.topic(partition.live, subject);
    long known = Math.max(lastOfSubject.getOrDefault(subject, 0L), since);
    lastHeard.put(partition.number, sequence);
    lastOfSubject.put(subject, sequence);
    untold
        .computeIfAbsent(partition.number, number -> new ArrayList<>())
        .add(Codec.message(partition, topic, sequence, headers, data(heard)));
    if (before > known) {
      lost(partition, before + " of " + topic + " was not heard before " + sequence);
    }
  }

  private void tell(int number) {
    List<io.posthaste.core.Message> messages = untold.remove(number);
    if (messages != null) {
      long reached = messages.get(messages.size() - 1).sequence();
      routing.partition(number).learn(reached);
      followers.committed(number, messages, reached);
      followers.acknowledged(number);
    }
  }

  private void lost(Partition partition, String why) {
    tell(partition.number);
    LOGGER.info("readers read the log partition={} why={}", partition.number, why);
    followers.interrupted(partition.number);
  }

  /** What the watch compares with, and tells. */
  private final class Ears implements Watch.Hearing {
    @Override
    public long wantedSince(Partition partition, Topic topic) {
      return Live.this.wantedSince(partition, topic);
    }

    @Override
    public long lastOf(Partition partition, Topic topic) {
      @Nullable Long last = lastOfSubject.get(Subjects.of(partition.live, topic));
      return last == null ? 0 : last;
    }

    @Override
    public void lost(Partition partition, String why) {
      Live.this.lost(partition, why);
    }

    @Override
    public void reached(Partition partition, long sequence) {
      tell(partition.number);
      if (sequence > lastHeard.getOrDefault(partition.number, 0L)) {
        advanced.put(partition.number, sequence);
        followers.committed(partition.number, List.of(), sequence);
        followers.acknowledged(partition.number);
      }
    }
  }

  @Override
  public void close() {
    synchronized (queue) {
      closed = true;
      queue.clear();
      queue.notifyAll();
    }
    followers.close();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
