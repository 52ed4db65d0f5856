package io.posthaste.core;

import org.jspecify.annotations.Nullable;

/**
 * A coarse timer for the many deadlines of one shard: held polls, heartbeats, stalls. Entries are
 * linked into slots, so one costs no object beyond itself, and setting, moving and cancelling cost
 * the same however many there are. Owned by one thread: the shard's. A deadline is met up to one
 * tick late, never early.
 */
public final class Wheel {
  /** The length of a tick, in milliseconds. */
  public static final long TICK_MILLIS = 50;

  // 1,024 slots are 51 s: most deadlines expire in their first turn.
  private static final int SLOTS = 1024;

  private final @Nullable Entry[] slots = new @Nullable Entry[SLOTS];
  private long tick;
  private int size;

  Wheel() {}

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
  }

  /** Sets or moves the deadline of an entry, in milliseconds from now. */
  public void set(Entry entry, long delayMillis) {
    cancel(entry);
    long ticks = Math.max(1, (Math.max(0, delayMillis) + TICK_MILLIS - 1) / TICK_MILLIS + 1);
    entry.due = tick + ticks;
    int slot = (int) (entry.due & SLOTS - 1);
    Entry first = slots[slot];
    entry.next = first;
    if (first != null) {
      first.previous = entry;
    }
    slots[slot] = entry;
    size++;
  }

  /** Cancels the deadline of an entry, if it is set. */
  public void cancel(Entry entry) {
    if (entry.due < 0) {
      return;
    }
    if (entry.previous == null) {
      slots[(int) (entry.due & SLOTS - 1)] = entry.next;
    } else {
      entry.previous.next = entry.next;
    }
    if (entry.next != null) {
      entry.next.previous = entry.previous;
    }
    entry.next = null;
    entry.previous = null;
    entry.due = -1;
    size--;
  }

  /** How many deadlines are set. */
  public int size() {
    return size;
  }

  /** Moves on to the tick that the clock shows and calls what is due. */
  void advanceTo(long targetTick) {
    while (tick < targetTick) {
      tick++;
      Entry entry = slots[(int) (tick & SLOTS - 1)];
      while (entry != null) {
        Entry next = entry.next;
        if (entry.due <= tick) {
          cancel(entry);
          entry.onDeadline();
          // The callback may have changed the slot in any way: begin again, what is left is not yet
          // due or is next.
          next = slots[(int) (tick & SLOTS - 1)];
        }
        entry = next;
      }
    }
  }
}
