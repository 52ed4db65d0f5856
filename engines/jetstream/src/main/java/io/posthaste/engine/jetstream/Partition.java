package io.posthaste.engine.jetstream;

import io.posthaste.core.Policy;
import java.util.concurrent.atomic.AtomicLong;

/** One stream: the topics of one rule, whose policy its limits are. */
final class Partition {
  final int number;
  final Policy policy;

  /** The stream's name. */
  final String stream;

  /** What the subjects of its topics begin with. */
  final String subjects;

  /** What the subjects begin with under which stored messages are published again. */
  final String live;

  private volatile long base;
  private final AtomicLong known;

  Partition(String prefix, int number, Policy policy, long base) {
    this.number = number;
    this.policy = policy;
    this.stream = streamOf(prefix, number);
    this.subjects = subjectsOf(prefix, number);
    this.live = liveOf(prefix, number);
    this.base = base;
    this.known = new AtomicLong(base);
  }

  static String streamOf(String prefix, int number) {
    return prefix + "_" + number;
  }

  static String subjectsOf(String prefix, int number) {
    return prefix + ".log." + number + ".";
  }

  static String liveOf(String prefix, int number) {
    return prefix + ".live." + number + ".";
  }

  /** Sequences begin above this; of what was below it, if anything, nothing is left. */
  long base() {
    return base;
  }

  /** What the stream held in memory was lost, and it goes on above this. */
  void rebase(long base) {
    this.base = base;
    learn(base);
  }

  /** The highest sequence that this node has been told of. */
  long known() {
    return known.get();
  }

  /** This node was told that the stream has reached a sequence. */
  void learn(long sequence) {
    known.accumulateAndGet(sequence, Math::max);
  }
}
