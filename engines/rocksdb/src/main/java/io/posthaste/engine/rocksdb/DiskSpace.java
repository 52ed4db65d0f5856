package io.posthaste.engine.rocksdb;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** Tells when the disk is too full for an append, before the store itself would fail on it. */
final class DiskSpace {
  private final LongSupplier usableBytes;
  private final long reserveBytes;
  private final String directory;

  DiskSpace(RocksLog.Options options) {
    usableBytes = options.usableBytes();
    reserveBytes = options.reserveBytes();
    directory = options.directory().toString();
  }

  /** Why nothing can be taken; null if there is space. */
  @Nullable String lacking() {
    long usable = usableBytes.getAsLong();
    return usable >= reserveBytes
        ? null
        : "the disk is full: "
            + (usable >> 20)
            + " MiB are left under "
            + directory
            + " (expected: "
            + (reserveBytes >> 20)
            + " MiB or more)";
  }

  /** What a failed write means to those who publish. */
  String explain(RocksDBException e) {
    return isFull(e)
        ? "the disk is full under " + directory + " (expected: space for the log's files)"
        : "the log's disk failed: " + e.getMessage();
  }

  /** Whether a write failed for lack of space: then the store goes on when there is some again. */
  static boolean isFull(RocksDBException e) {
    return String.valueOf(e.getMessage()).contains("No space left");
  }
}
