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
import io.posthaste.core.TopicPattern;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what streams publish again of what they store, on the subjects that somebody here wants and
 * no others, and tells {@link Followers} in log order. What was lost on the way is found by the
 * sequence of the subject's message before, which each message tells; then the partition is said to
 * be interrupted.
 *
 * <p>A stream's leader publishes again in the order of the log, and NATS keeps that order over one
 * connection; a message that comes late all the same, after a change of leaders, is an interruption
 * too. One message comes as often as subscriptions match it, side by side, and is told once.
 *
 * <p>Messages go through a bounded queue to one thread of this class, {@code posthaste-live}, which
 * is the committing thread of all partitions. Interest is guarded by {@link #wanted}, the queue by
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
  private final Dispatcher dispatcher;
  private final Followers followers = new Followers();
  private final Thread thread = new Thread(this::run, "posthaste-live");

  private final Map<String, Wanted> wanted = new HashMap<>(); // by subject; guarded by itself

  private final Queue<Heard> queue = new ArrayDeque<>(); // guarded by itself, as are the next two
  private long queuedBytes;
  private boolean closed;

  // All below belongs to the thread.
  private final Map<Integer, Long> lastHeard = new HashMap<>();
  private final Map<String, Long> lastOfSubject =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > TOPICS;
        }
      };

  /** A subscription that somebody wants. */
  private static final class Wanted {
    final Subscription subscription;
    int times = 1;

    /** Everything above this is heard; not known at first. */
    volatile long since = Long.MAX_VALUE;

    Wanted(Subscription subscription) {
      this.subscription = subscription;
    }
  }

  /**
   * What is queued: a message, or the news that some of the partition's were lost.
   *
   * @param message null if some were lost
   * @param since from where on everything is heard that this was heard with
   * @param lost why some were, if so
   */
  private record Heard(Partition partition, @Nullable Message message, long since, String lost) {
    static Heard interruption(Partition partition, String why) {
      return new Heard(partition, null, 0, why);
    }

    int weight() {
      return 512 + (message == null ? 0 : data(message).length);
    }

    static byte[] data(Message message) {
      byte[] data = message.getData();
      return data == null ? new byte[0] : data;
    }
  }

  /**
   * @param head asks a stream's leader how far it is, over the same connection
   * @param maxBytes so much may wait for the thread; more is dropped, and said to be
   */
  Live(
      Wire wire,
      Routing routing,
      List<Partition> partitions,
      IntFunction<CompletableFuture<Long>> head,
      long maxBytes) {
    this.routing = routing;
    this.partitions = partitions;
    this.head = head;
    this.maxBytes = maxBytes;
    this.dispatcher = wire.connection().createDispatcher();
    dispatcher.setPendingLimits(-1, -1); // ours is the queue that is bounded
    thread.setDaemon(true);
    thread.start();
  }

  // ---------------------------------------------------------------- interest

  Interest follow(CommitListener listener) {
    Interest telling = followers.follow(listener);
    return new Wanting(telling);
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
    List<CompletableFuture<Void>> heard = new ArrayList<>();
    for (int number : routing.of(topics)) {
      Partition partition = routing.partition(number);
      List<Wanted> fresh = new ArrayList<>();
      try {
        for (String subject : Subjects.of(partition.live, topics)) {
          synchronized (wanted) {
            Wanted known = wanted.get(subject);
            if (known != null) {
              known.times++;
              continue;
            }
            Wanted made =
                new Wanted(
                    dispatcher.subscribe(subject, message -> hear(partition, subject, message)));
            wanted.put(subject, made);
            fresh.add(made);
          }
        }
      } catch (IllegalStateException e) {
        return CompletableFuture.failedFuture(new LogException("the log is closed", e));
      }
      // The leader's answer comes over the same way as the subscription went, so it stands when
      // that is here.
      heard.add(
          head.apply(number).thenAccept(reached -> fresh.forEach(one -> one.since = reached)));
    }
    return CompletableFuture.allOf(heard.toArray(CompletableFuture[]::new));
  }

  private void unwant(TopicPattern topics) {
    for (int number : routing.of(topics)) {
      for (String subject : Subjects.of(routing.partition(number).live, topics)) {
        synchronized (wanted) {
          Wanted known = wanted.get(subject);
          if (known != null && --known.times == 0) {
            wanted.remove(subject);
            if (known.subscription.isActive()) {
              dispatcher.unsubscribe(known.subscription);
            }
          }
        }
      }
    }
  }

  // ---------------------------------------------------------------- hearing

  private void hear(Partition partition, String filter, Message message) {
    long since;
    synchronized (wanted) {
      Wanted by = wanted.get(filter);
      since = by == null ? Long.MAX_VALUE : by.since;
    }
    offer(new Heard(partition, message, since, ""));
  }

  /** Something may have been lost, in all partitions. */
  void interrupt(String why) {
    partitions.forEach(partition -> interrupt(partition, why));
  }

  /** Something may have been lost. Readers will read the log. */
  void interrupt(Partition partition, String why) {
    offer(Heard.interruption(partition, why));
  }

  private void offer(Heard heard) {
    synchronized (queue) {
      if (closed) {
        return;
      }
      if (queuedBytes > maxBytes && heard.message != null) {
        // What is dropped is read from the log: one word of it a partition is enough.
        long bytes = queuedBytes;
        queue.clear();
        queuedBytes = 0;
        for (Partition partition : partitions) {
          queue.add(Heard.interruption(partition, bytes + " bytes waited to be told"));
        }
      }
      queue.add(heard);
      queuedBytes += heard.weight();
      queue.notifyAll();
    }
  }

  private void run() {
    try {
      List<Heard> batch = new ArrayList<>();
      while (take(batch)) {
        tell(batch);
        batch.clear();
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
        queuedBytes -= heard.weight();
        batch.add(heard);
      }
      return !closed;
    }
  }

  private void tell(List<Heard> batch) {
    Map<Integer, List<io.posthaste.core.Message>> messages = new LinkedHashMap<>();
    for (Heard heard : batch) {
      try {
        Message message = heard.message;
        if (message != null) {
          String trouble = take(heard.partition, message, heard.since, messages);
          if (!trouble.isEmpty()) {
            interrupted(heard.partition, trouble, messages);
          }
        } else {
          interrupted(heard.partition, heard.lost, messages);
        }
      } catch (RuntimeException e) { // whatever one message is, the thread goes on
        interrupted(heard.partition, "a message that cannot be read: " + e.getMessage(), messages);
      }
    }
    messages.forEach(this::commit);
  }

  /** Takes one message; tells what is wrong with it, if anything. */
  private String take(
      Partition partition,
      Message heard,
      long since,
      Map<Integer, List<io.posthaste.core.Message>> messages) {
    Headers headers = heard.getHeaders();
    String subject = heard.getSubject();
    long sequence = Long.parseLong(Codec.first(headers, SEQUENCE));
    long before = Long.parseLong(Codec.first(headers, BEFORE));
    long last = lastHeard.getOrDefault(partition.number, 0L);
    if (sequence == last) {
      return ""; // another subscription has it too
    }
    if (sequence < last) {
      return sequence + " came after " + last;
    }
    io.posthaste.core.Message message =
        Codec.message(
            partition,
            Subjects.topic(partition.live, subject),
            sequence,
            headers,
            Heard.data(heard));
    long known = Math.max(lastOfSubject.getOrDefault(subject, 0L), since);
    lastHeard.put(partition.number, sequence);
    lastOfSubject.put(subject, sequence);
    messages.computeIfAbsent(partition.number, number -> new ArrayList<>()).add(message);
    return before > known ? before + " was not heard before " + sequence : "";
  }

  private void commit(int number, List<io.posthaste.core.Message> messages) {
    if (!messages.isEmpty()) {
      long reached = messages.get(messages.size() - 1).sequence();
      routing.partition(number).learn(reached);
      followers.committed(number, messages, reached);
      followers.acknowledged(number);
    }
  }

  private void interrupted(
      Partition partition, String why, Map<Integer, List<io.posthaste.core.Message>> messages) {
    List<io.posthaste.core.Message> sofar = messages.remove(partition.number);
    if (sofar != null) {
      commit(partition.number, sofar);
    }
    LOGGER.info("readers read the log partition={} why={}", partition.number, why);
    followers.interrupted(partition.number);
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
