package io.posthaste.engine.rocksdb;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What waits for the writer: bounded by bytes, taken by groups. Thread-safe. */
final class PendingQueue {
  /** What became of an offer. */
  enum Offer {
    TAKEN,
    FULL,
    CLOSED
  }

  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();
  private long bytes;
  private boolean closed;

  PendingQueue(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  Offer offer(Pending pending) {
    lock.lock();
    try {
      if (closed) {
        return Offer.CLOSED;
      }
      if (bytes > 0 && bytes + pending.weight > maxBytes && pending.trim == null) {
        return Offer.FULL;
      }
      bytes += pending.weight;
      queue.add(pending);
      if (queue.size() == 1) {
        filled.signal();
      }
      return Offer.TAKEN;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for what is there, up to about these limits; empty once closed and drained. */
  List<Pending> take(int maxItems, long maxWeight) throws InterruptedException {
    List<Pending> group = new ArrayList<>();
    lock.lock();
    try {
      while (queue.isEmpty() && !closed) {
        filled.await();
      }
      int items = 0;
      long weight = 0;
      while (!queue.isEmpty() && items < maxItems && weight < maxWeight) {
        Pending next = queue.remove();
        items += next.trim == null ? next.items.size() : next.trim.victims().size();
        weight += next.weight;
        group.add(next);
      }
      bytes -= weight;
      return group;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      filled.signal();
    } finally {
      lock.unlock();
    }
  }
}
