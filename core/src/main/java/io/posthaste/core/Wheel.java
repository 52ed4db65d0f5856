package io.posthaste.core;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A coarse timer for the many deadlines of one shard: held polls, heartbeats, stalls. Entries are
 * linked into slots, so one costs no object beyond itself, and setting, moving and cancelling cost
 * the same however many there are. Owned by one thread: the shard's. A deadline is met up to two
 * ticks late, never early.
 */
public final class Wheel {
  /** The length of a tick, in milliseconds. */
  public static final long TICK_MILLIS = 50;

  private static final long TICK_NANOS = TICK_MILLIS * 1_000_000;

  // 1,024 slots are 51 s: most deadlines expire in their first turn.
  private static final int SLOTS = 1024;

  /** Some 35,000 years: what is asked beyond would overflow. */
  private static final long LONGEST_MILLIS = 1L << 50;

  private static final System.Logger LOGGER = System.getLogger(Wheel.class.getName());

  private final LongSupplier nanoClock;
  private final long startedNanos;
  private final Entry[] slots = new Entry[SLOTS]; // the ends of a ring each
  private long tick; // up to which all is seen to
  private int size;

  Wheel(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.startedNanos = nanoClock.getAsLong();
    for (int i = 0; i < SLOTS; i++) {
      slots[i] = new RingEnd();
    }
  }

  /** Something with a deadline. Extend it, so that the deadline costs no object of its own. */
  public abstract static class Entry {
    private @Nullable Entry next;
    private @Nullable Entry previous;
    private long due = -1; // tick; -1: not set

    /**
     * The deadline has come. Called by the shard's thread; the entry is no longer set and may be
     * set anew.
     */
    protected abstract void onDeadline();

    /** Whether a deadline is set. */
    protected final boolean isDeadlineSet() {
      return due >= 0;
    }

    private void linkBehind(Entry other) {
      Entry after = other.next;
      next = after;
      previous = other;
      other.next = this;
      if (after != null) {
        after.previous = this;
      }
    }

    private void unlink() {
      Entry before = previous;
      Entry after = next;
      if (before != null && after != null) {
        before.next = after;
        after.previous = before;
      }
      next = null;
      previous = null;
    }
  }

  private static final class RingEnd extends Entry {
    RingEnd() {
      super.next = this;
      super.previous = this;
    }

    @Override
    protected void onDeadline() {
      throw new AssertionError("the end of a ring has no deadline");
    }
  }

  /** Sets or moves the deadline of an entry, in milliseconds from now. */
  public void set(Entry entry, long delayMillis) {
    cancel(entry);
    // Rounded up, and one more for the part of a tick that has passed already: never early.
    long delay = Math.max(0, Math.min(delayMillis, LONGEST_MILLIS));
    long ticks = (delay + TICK_MILLIS - 1) / TICK_MILLIS + 1;
    entry.due = now() + ticks;
    entry.linkBehind(slots[slot(entry.due)]);
    size++;
  }

  /** Cancels the deadline of an entry, if it is set. */
  public void cancel(Entry entry) {
    if (entry.due >= 0) {
      entry.unlink();
      entry.due = -1;
      size--;
    }
  }

  /** How many deadlines are set. */
  public int size() {
    return size;
  }

  /** Calls whatever is due by now. */
  void advance() {
    long now = now();
    while (tick < now) {
      tick++;
      Entry ring = slots[slot(tick)];
      if (ring.next != ring) {
        expire(ring);
      }
    }
  }

  /**
   * Moves the slot's entries to a ring of their own first: callbacks may set and cancel whatever
   * they like.
   */
  private void expire(Entry ring) {
    Entry due = new RingEnd();
    Entry first = ring.next;
    Entry last = ring.previous;
    ring.unlink();
    ring.next = ring;
    ring.previous = ring;
    splice(due, first, last);
    for (Entry entry = due.next; entry != null && entry != due; entry = due.next) {
      entry.unlink();
      if (entry.due <= tick) {
        entry.due = -1;
        size--;
        call(entry);
      } else {
        entry.linkBehind(ring);
      }
    }
  }

  private static void call(Entry entry) {
    try {
      entry.onDeadline();
    } catch (RuntimeException | Error e) {
      // The others on the wheel shall not suffer.
      LOGGER.log(System.Logger.Level.ERROR, "deadline failed", e);
    }
  }

  private static void splice(Entry ring, @Nullable Entry first, @Nullable Entry last) {
    if (first != null && last != null) {
      ring.next = first;
      first.previous = ring;
      ring.previous = last;
      last.next = ring;
    }
  }

  private long now() {
    return (nanoClock.getAsLong() - startedNanos) / TICK_NANOS;
  }

  private static int slot(long tick) {
    return (int) (tick & SLOTS - 1);
  }
}
