package io.posthaste.engine.rocksdb;

import java.util.concurrent.atomic.AtomicLong;

/** Counts for {@link RocksLog.Statistics}. Thread-safe. */
final class Counters {
  private final AtomicLong groups = new AtomicLong();
  private final AtomicLong messages = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong largest = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong overflowed = new AtomicLong();
  private final AtomicLong trimmed = new AtomicLong();

  void synced(int messages, long bytes) {
    groups.incrementAndGet();
    this.messages.addAndGet(messages);
    this.bytes.addAndGet(bytes);
    largest.accumulateAndGet(messages, Math::max);
  }

  void failed() {
    failed.incrementAndGet();
  }

  void overflowed(int appends) {
    overflowed.addAndGet(appends);
  }

  void trimmed(int messages) {
    trimmed.addAndGet(messages);
  }

  long bytes() {
    return bytes.get();
  }

  RocksLog.Statistics read() {
    return new RocksLog.Statistics(
        groups.get(),
        messages.get(),
        largest.get(),
        bytes.get(),
        failed.get(),
        overflowed.get(),
        trimmed.get());
  }
}
