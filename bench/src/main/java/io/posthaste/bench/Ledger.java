package io.posthaste.bench;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Who received what, exactly: a number per reader, and a set of holes for the few that have any.
 * Used by one thread.
 */
final class Ledger {
  private final int[] next;
  private final @Nullable BitSet[] holes;
  private long received;
  private long duplicates;
  private long outOfOrder;

  Ledger(int readers) {
    next = new int[readers];
    holes = new BitSet[readers];
  }

  /** Notes message {@code seq} of its topic, counted from 0, at a reader. */
  void arrived(int reader, int seq) {
    int expected = next[reader];
    if (seq == expected) {
      next[reader] = seq + 1;
      received++;
    } else if (seq > expected) {
      BitSet open = holes[reader];
      if (open == null) {
        open = new BitSet();
        holes[reader] = open;
      }
      open.set(expected, seq);
      next[reader] = seq + 1;
      received++;
    } else {
      BitSet open = holes[reader];
      if (open != null && open.get(seq)) {
        open.clear(seq);
        outOfOrder++;
        received++;
      } else {
        duplicates++;
      }
    }
  }

  /** How many of {@code published} messages, less those that failed, a reader did not receive. */
  long lost(int reader, int published, @Nullable BitSet failed) {
    BitSet lacking = new BitSet();
    BitSet open = holes[reader];
    if (open != null) {
      lacking.or(open);
    }
    if (next[reader] < published) {
      lacking.set(next[reader], published);
    }
    if (failed != null) {
      lacking.andNot(failed);
    }
    return lacking.cardinality();
  }

  /** Distinct messages, over all readers. */
  long received() {
    return received;
  }

  /** Arrivals of what the reader had already. */
  long duplicates() {
    return duplicates;
  }

  /** Messages that came after a later one of their topic. */
  long outOfOrder() {
    return outOfOrder;
  }
}
