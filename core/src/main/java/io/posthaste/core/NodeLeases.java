package io.posthaste.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The leases of nodes, in {@code $nodes/NODE}: a node that has something to lose renews its own
 * five times in its length, and a node whose lease was not renewed for its length is dead to the
 * others.
 *
 * <p>Silence counts only while the log takes what is written: a node judges others only as long as
 * its own lease is being renewed, and when that was not so for a while everybody else's begins
 * anew. So a log that is away kills nobody. What was not heard is read: an interruption ends no
 * silence.
 *
 * <p>Thread-safe; guarded by itself. The log is asked without that lock, by the loop's thread: a
 * log may call its followers, of which this is one, while others wait to append.
 */
final class NodeLeases implements AutoCloseable {
  /** What topics of nodes' leases begin with. */
  static final String PREFIX = "$nodes/";

  private static final TopicPattern ALL = new TopicPattern(PREFIX + "#");
  private static final String TYPE = "application/json";
  private static final int MOST_NODES = 1_000;
  private static final int PAGE_BYTES = 1 << 20;

  /**
   * Hears what becomes of leases. Called by a thread of the log's or the loop's, without a lock.
   */
  interface Listener {
    /** This node was dead to the others, or may have been. */
    void lapsed();

    /** Another node is dead: ends what it left. */
    CompletionStage<?> end(String node);
  }

  /** Another node's lease: its newest message, and when that was heard. */
  private record Heard(long sequence, long nanos) {}

  private final Log log;
  private final Topic own;
  private final int partition;
  private final long leaseNanos;
  private final Listener listener;
  private final Interest interest;
  private final ScheduledFuture<?> ticking;
  private final Map<String, Heard> others = new HashMap<>();
  private boolean needed; // this node has something to lose
  private long renewed; // as nanoTime; 0 before the first
  private long tried;
  private boolean unsure; // something may not have been heard
  private boolean reading;
  private boolean closed;

  NodeLeases(
      Log log, String node, long leaseNanos, ScheduledExecutorService loop, Listener listener) {
    this.log = log;
    this.own = new Topic(PREFIX + node);
    this.partition = log.partitionOf(own);
    this.leaseNanos = leaseNanos;
    this.listener = listener;
    this.unsure = true;
    interest = log.follow(new Following());
    interest.add(ALL).thenRun(this::read);
    long tick = Math.max(1, leaseNanos / 10);
    ticking = loop.scheduleWithFixedDelay(this::tick, tick, tick, TimeUnit.NANOSECONDS);
  }

  /** Completes when this node has a lease; false if it could not be written. */
  CompletableFuture<Boolean> lease() {
    synchronized (this) {
      needed = true;
      if (renewed != 0) {
        return CompletableFuture.completedFuture(true);
      }
    }
    return renew();
  }

  private CompletableFuture<Boolean> renew() {
    synchronized (this) {
      tried = System.nanoTime();
    }
    return log.append(List.of(Append.of(own, TYPE, Payload.of("{}"))))
        .toCompletableFuture()
        .handle(
            (outcomes, failure) -> failure == null && outcomes.get(0) instanceof Appended.Stored)
        .thenApply(
            done -> {
              if (done && isLapsed()) {
                listener.lapsed();
              }
              return done;
            });
  }

  /** The lease was renewed; returns whether that was too late. */
  private synchronized boolean isLapsed() {
    long now = System.nanoTime();
    long since = renewed == 0 ? 0 : now - renewed;
    renewed = now;
    if (since > leaseNanos / 2) {
      // The log was away, for the others too.
      others.replaceAll((other, heard) -> new Heard(heard.sequence(), now));
    }
    return needed && since > leaseNanos;
  }

  // ---------------------------------------------------------------- the others

  private final class Following implements CommitListener {
    @Override
    public void onCommit(int of, List<Message> messages, long head) {
      hear(messages);
    }

    @Override
    public void onAcknowledged(int of) {}

    @Override
    public void onInterrupted(int of) {
      if (of == partition) {
        synchronized (NodeLeases.this) {
          unsure = true; // the next tick reads
        }
      }
    }
  }

  private void hear(List<Message> messages) {
    boolean ended = false;
    for (Message message : messages) {
      String name = message.topic().name();
      if (!name.startsWith(PREFIX)) {
        continue;
      }
      String node = name.substring(PREFIX.length());
      synchronized (this) {
        if (message.topic().equals(own)) {
          ended |= message.deleted() && needed && !closed;
        } else if (message.deleted()) {
          others.remove(node);
        } else if (!others.containsKey(node) || others.get(node).sequence() < message.sequence()) {
          others.put(node, new Heard(message.sequence(), System.nanoTime()));
        }
      }
    }
    if (ended) {
      listener.lapsed();
    }
  }

  /** Reads all leases, as some may not have been heard. */
  private void read() {
    synchronized (this) {
      if (reading || closed) {
        return;
      }
      reading = true;
      unsure = false;
    }
    log.read(new ReadRequest(partition, List.of(ALL), 0, MOST_NODES, PAGE_BYTES, true))
        .whenComplete(
            (page, failure) -> {
              if (failure == null) {
                hear(page.messages());
              }
              synchronized (this) {
                reading = false;
                unsure |= failure != null;
              }
            });
  }

  private void tick() {
    long now = System.nanoTime();
    Map<String, Heard> dead = new HashMap<>();
    boolean due;
    boolean reads;
    synchronized (this) {
      if (closed) {
        return;
      }
      due = (needed || !others.isEmpty()) && (tried == 0 || now - tried >= leaseNanos / 5);
      reads = unsure && !reading;
      boolean judges = !unsure && !reading && renewed != 0 && now - renewed <= leaseNanos / 2;
      if (judges) {
        others.forEach(
            (other, heard) -> {
              if (now - heard.nanos() > leaseNanos) {
                dead.put(other, heard);
              }
            });
        others.keySet().removeAll(dead.keySet());
      }
    }
    if (due) {
      renew();
    }
    if (reads) {
      read();
    }
    dead.forEach(this::end);
  }

  /** Has what a node left ended, and then its lease, unless it was renewed after all. */
  private void end(String other, Heard heard) {
    Id last = new Id(log.epoch(), partition, heard.sequence());
    Append ended = Append.tombstone(new Topic(PREFIX + other)).when(new Condition.LatestIs(last));
    listener
        .end(other)
        .thenCompose(done -> log.append(List.of(ended)))
        .whenComplete(
            (outcomes, failure) -> {
              if (failure != null) {
                synchronized (this) {
                  // Once more, a lease later.
                  others.putIfAbsent(other, new Heard(heard.sequence(), System.nanoTime()));
                }
              }
            });
  }

  /** Renews no more. The others find the lease over when it is. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    ticking.cancel(false);
    interest.close();
  }
}
