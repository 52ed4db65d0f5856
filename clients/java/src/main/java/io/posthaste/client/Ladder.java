package io.posthaste.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Which techniques work on the way to a node, learnt from what happened: one is blocked if it
 * failed where a worse one worked a moment later. (If none works it is the node that is gone.)
 * Blocked ones are tried again beside the one that works, after a time that grows with each
 * failure. Shared by all subscriptions to the node; thread-safe.
 */
final class Ladder {
  private static final int MAX_GROWTH = 10;
  private static final int SHORT_LIVES = 3;

  /** What a shortened wait is worth: by then the way may be another. */
  private static final Duration SHORTENED_FOR = Duration.ofMinutes(10);

  private final List<Technique> techniques;
  private final long retryNanos;
  private final Duration wait;
  private final Map<Technique, Block> blocks = new EnumMap<>(Technique.class);
  private final Map<Technique, Integer> shortLives = new EnumMap<>(Technique.class);
  private Duration shortenedWait;
  private long shortenedUntil = System.nanoTime();

  /** A technique that does not work, and when to look again. */
  private static final class Block {
    final int failures;
    final long untilNanos;
    boolean probing;

    Block(int failures, long untilNanos) {
      this.failures = failures;
      this.untilNanos = untilNanos;
    }
  }

  Ladder(Options options) {
    this.techniques = options.techniques;
    this.retryNanos = options.retryBetter.toNanos();
    this.wait = options.wait;
    this.shortenedWait = options.wait;
  }

  /** What to try, the best first: all that is not blocked, and whatever happens the last. */
  synchronized List<Technique> candidates() {
    List<Technique> candidates = new ArrayList<>(techniques);
    candidates.removeIf(technique -> blocks.containsKey(technique) && !isLast(technique));
    return candidates;
  }

  private boolean isLast(Technique technique) {
    return technique == techniques.get(techniques.size() - 1);
  }

  /** This one works, and those that were tried just before do not. */
  synchronized void works(Technique technique, List<Technique> failed) {
    blocks.remove(technique);
    for (Technique other : failed) {
      block(other);
    }
  }

  private void block(Technique technique) {
    Block before = blocks.get(technique);
    int failures = before == null ? 1 : before.failures + 1;
    long pause = retryNanos * Math.min(MAX_GROWTH, 1L << Math.min(failures - 1, 10));
    pause += ThreadLocalRandom.current().nextLong(pause / 4 + 1);
    blocks.put(technique, new Block(failures, System.nanoTime() + pause));
  }

  /** A stream that worked has broken: one that never lasts is as good as blocked. */
  synchronized void ended(Technique technique, boolean shortLife) {
    if (!shortLife) {
      shortLives.remove(technique);
    } else if (shortLives.merge(technique, 1, Integer::sum) >= SHORT_LIVES) {
      shortLives.remove(technique);
      block(technique);
    }
  }

  /** Although the node was there, nothing worked: what was learnt is worth nothing. */
  synchronized void nothingWorks() {
    blocks.clear();
  }

  /** Better techniques than this that are due to be looked at; whoever is given one must look. */
  synchronized List<Technique> claimProbes(Technique than) {
    List<Technique> due = new ArrayList<>();
    for (Technique better : techniques) {
      Block block = blocks.get(better);
      if (better.compareTo(than) < 0
          && block != null
          && !block.probing
          && block.untilNanos - System.nanoTime() <= 0) {
        block.probing = true;
        due.add(better);
      }
    }
    return due;
  }

  /** What came of a look. */
  synchronized void probed(Technique technique, boolean works) {
    if (works) {
      blocks.remove(technique);
    } else if (blocks.containsKey(technique)) {
      block(technique);
    }
  }

  /** Whether there is a better one than this that is not blocked (any more). */
  synchronized boolean hasBetter(Technique than) {
    return candidates().get(0).compareTo(than) < 0;
  }

  /** For how long a poll may be held on this way. */
  synchronized Duration pollWait() {
    return System.nanoTime() - shortenedUntil < 0 ? shortenedWait : wait;
  }

  /** Polls that are held for this long come through, and longer ones do not. */
  synchronized void shortenWait(Duration held) {
    shortenedWait = held;
    shortenedUntil = System.nanoTime() + SHORTENED_FOR.toNanos();
  }
}
