package io.posthaste.engine.jetstream;

import io.posthaste.core.CommitListener;
import io.posthaste.core.Message;
import io.posthaste.core.Policy;
import io.posthaste.core.Topic;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest message of every topic of a partition whose policy is {@code mirrored}, at hand on
 * each node, so that a poll over thousands of them asks NATS for nothing that is not new. It hears
 * all that the partition stores, and is read anew after an interruption; while it is not whole,
 * NATS is asked. Thread-safe: all is guarded by this object.
 */
final class Mirror implements CommitListener {
  private static final Logger LOGGER = LoggerFactory.getLogger(Mirror.class);
  private static final int TOPIC_BYTES = 200;

  private final Partition partition;
  private final InstantSource clock;
  private final long maxBytes;
  private final Map<Topic, Message> latest = new HashMap<>();
  private long bytes;
  private long through;
  private boolean whole;
  private boolean full;
  private int readings; // begun so far: an interruption makes those worthless

  /**
   * @param maxBytes of more it is not kept
   */
  Mirror(Partition partition, InstantSource clock, long maxBytes) {
    this.partition = partition;
    this.clock = clock;
    this.maxBytes = maxBytes;
  }

  Partition partition() {
    return partition;
  }

  /** Whether it is to be read from NATS. */
  synchronized boolean isWanting() {
    return !whole && !full;
  }

  /** Reads it whole. To be called once everything above the stream's head is heard. */
  CompletableFuture<Void> load(Wire wire, Led led, Heads heads) {
    int reading;
    synchronized (this) {
      reading = ++readings;
    }
    String all = partition.subjects + ">";
    return heads
        .head(partition.number)
        .thenCompose(
            head ->
                led.read(
                        partition,
                        () ->
                            wire.counts(partition.stream, all)
                                .thenCompose(
                                    counts ->
                                        SideBySide.ask(
                                            List.copyOf(counts.keySet()),
                                            subject ->
                                                wire.last(partition.stream, subject)
                                                    .thenAccept(this::add))))
                    .thenAccept(done -> loaded(reading, head)));
  }

  private synchronized void add(Optional<Entry> entry) {
    entry.ifPresent(one -> put(Codec.message(partition, one)));
  }

  private synchronized void loaded(int reading, long head) {
    if (reading == readings && !full) {
      whole = true;
      through = Math.max(through, head);
    }
  }

  private void put(Message message) {
    if (full) {
      return;
    }
    Message before = latest.get(message.topic());
    if (before != null && before.sequence() >= message.sequence()) {
      return;
    }
    latest.put(message.topic(), message);
    bytes += message.weight() - (before == null ? -TOPIC_BYTES : before.weight());
    if (bytes > maxBytes) {
      full = true;
      whole = false;
      latest.clear();
      LOGGER.warn(
          "the newest messages of mirrored topics do not fit, NATS is asked instead stream={} maxBytes={}",
          partition.stream,
          maxBytes);
    }
  }

  @Override
  public synchronized void onCommit(int number, List<Message> messages, long head) {
    if (number == partition.number) {
      messages.forEach(this::put);
      through = Math.max(through, head);
    }
  }

  @Override
  public void onAcknowledged(int number) {
    // There is nobody to tell.
  }

  @Override
  public synchronized void onInterrupted(int number) {
    if (number == partition.number) {
      whole = false;
      readings++;
    }
  }

  /**
   * The newest of each topic, empty where there is none, in the order of the topics; or nothing if
   * NATS is to be asked: the mirror is not whole, or not as far as this node knows the stream to
   * be.
   */
  synchronized Optional<List<Optional<Message>>> newest(List<Topic> topics) {
    if (!whole || through < partition.known()) {
      return Optional.empty();
    }
    boolean ages = !partition.policy.age().equals(Policy.FOREVER);
    long oldest = ages ? clock.millis() - partition.policy.age().toMillis() : Long.MIN_VALUE;
    return Optional.of(
        topics.stream()
            .map(topic -> Optional.ofNullable(latest.get(topic)))
            .map(newest -> newest.filter(message -> message.timeMillis() > oldest))
            .toList());
  }
}
