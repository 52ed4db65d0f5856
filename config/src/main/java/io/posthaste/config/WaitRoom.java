package io.posthaste.config;

import java.util.concurrent.atomic.LongAdder;

/**
 * How many may wait for changes of configs, those of all doors and shards together, so that they do
 * not take all memory. It is counted in waits; the first for a config counts as several, as what is
 * kept of the config for it weighs as much. Thread-safe.
 */
public final class WaitRoom {
  /** A wait with what doors add to it, and its places in a ring and with its client. */
  private static final int BYTES_A_WAIT = 64;

  /**
   * What a config that is waited for counts beside its waits: a ring, the end of it, an entry of a
   * map, a key with its texts, the MD5 that somebody says to have.
   */
  static final int OF_A_CONFIG = 4;

  private final long most;
  private final LongAdder taken = new LongAdder();

  /**
   * Room for so many.
   *
   * @param most waits, if there is one config only
   */
  public WaitRoom(long most) {
    this.most = most;
  }

  /** A quarter of the heap. */
  static WaitRoom ofHeap() {
    return new WaitRoom(Runtime.getRuntime().maxMemory() / 4 / BYTES_A_WAIT);
  }

  /** Whether there is room for so many more; several who ask at once may all be told so. */
  boolean has(long more) {
    return taken.sum() + more <= most;
  }

  void take(long more) {
    taken.add(more);
  }

  void giveBack(long less) {
    taken.add(-less);
  }
}
