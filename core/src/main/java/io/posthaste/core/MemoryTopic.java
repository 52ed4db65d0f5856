package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** The messages that a {@link MemoryLog} holds of one topic, by rising sequence. */
final class MemoryTopic {
  /** By when their oldest messages come of age. */
  static final Comparator<MemoryTopic> BY_DUE =
      Comparator.<MemoryTopic>comparingLong(topic -> topic.dueMillis)
          .thenComparing(topic -> topic.topic);

  /** As {@link #dueMillis}: never. */
  static final long NEVER = Long.MAX_VALUE;

  final Topic topic;
  final Policy policy;
  private final long ageMillis;
  private @Nullable Message[] ring = new @Nullable Message[2]; // length: a power of two
  private int first;
  private int size;
  private long payloadBytes;

  /** Messages up to here were lost, if any. */
  private long lostThrough;

  /** When the oldest message is too old. Changed by the owner only, as sets are sorted by it. */
  long dueMillis = NEVER;

  MemoryTopic(Topic topic, Policy policy, long lostThrough) {
    this.topic = topic;
    this.policy = policy;
    this.lostThrough = lostThrough;
    long seconds = policy.age().getSeconds();
    this.ageMillis = seconds > NEVER / 1000 - 1 ? NEVER : policy.age().toMillis();
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  long payloadBytes() {
    return payloadBytes;
  }

  long lostThrough() {
    return lostThrough;
  }

  Message at(int index) {
    return requireNonNull(ring[first + index & ring.length - 1]);
  }

  @Nullable Message oldest() {
    return size == 0 ? null : at(0);
  }

  @Nullable Message latest() {
    return size == 0 ? null : at(size - 1);
  }

  void add(Message message) {
    if (size == ring.length) {
      @Nullable Message[] wider = new @Nullable Message[ring.length * 2];
      for (int i = 0; i < size; i++) {
        wider[i] = at(i);
      }
      ring = wider;
      first = 0;
    }
    ring[first + size & ring.length - 1] = message;
    size++;
    payloadBytes += message.payload().length();
  }

  Message removeOldest() {
    Message oldest = at(0);
    ring[first] = null;
    first = first + 1 & ring.length - 1;
    size--;
    payloadBytes -= oldest.payload().length();
    lostThrough = oldest.sequence();
    return oldest;
  }

  /** Whether count or bytes ask for the oldest message to go; they never ask for the newest. */
  boolean overfull() {
    return size > 1 && (size > policy.count() || payloadBytes > policy.bytes());
  }

  /** When the oldest message will be too old. */
  long nextDueMillis() {
    if (size == 0 || ageMillis == NEVER) {
      return NEVER;
    }
    long due = at(0).timeMillis() + ageMillis;
    return due < 0 ? NEVER : due;
  }

  /** How many messages have sequences up to this one. */
  int countThrough(long sequence) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = low + high >>> 1;
      if (at(middle).sequence() <= sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  TopicState state(int partition) {
    Message latest = at(size - 1);
    return new TopicState(
        topic,
        partition,
        at(0).sequence(),
        latest.sequence(),
        size,
        payloadBytes,
        latest.deleted());
  }
}
