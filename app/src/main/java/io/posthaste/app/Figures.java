package io.posthaste.app;

import io.posthaste.access.Access;
import io.posthaste.core.Hub;
import io.posthaste.engine.rocksdb.RocksLog;
import io.posthaste.server.ConnectionQuota;
import io.posthaste.server.Metrics;
import io.posthaste.server.PublishRate;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;

/** The hub's, the log's and the limits' figures among the metrics. */
final class Figures {
  private Figures() {}

  static void addHub(Metrics metrics, Hub hub) {
    metrics.gauge("posthaste_readers", "Readers, held polls included", () -> hub.stats().readers());
    metrics.gauge("posthaste_polls_held", "Polls held now", () -> hub.stats().polls());
    metrics.gauge(
        "posthaste_tails",
        "Topics and patterns whose recent messages are at hand",
        () -> hub.stats().feeds());
    metrics.gauge(
        "posthaste_tail_bytes", "Bytes of messages at hand", () -> hub.stats().tailBytes());
    metrics.gauge(
        "posthaste_log_reads", "Pages being read for readers behind", () -> hub.stats().logReads());
    metrics.gauge(
        "posthaste_log_reads_waiting",
        "Readers behind that wait for a page",
        () -> hub.stats().logReadsWaiting());
    metrics.gauge("posthaste_deadlines", "Deadlines set", () -> hub.stats().deadlines());
    metrics.counter(
        "posthaste_delivered", "Messages given to readers", () -> hub.stats().delivered());
  }

  static void addLimits(Metrics metrics, ConnectionQuota quota, PublishRate rate, Access access) {
    String help = "What was refused because there was too much of it";
    String name = "posthaste_refused";
    metrics.counter(name, help, "limit", "connections", quota::refusedOfAll);
    metrics.counter(name, help, "limit", "connections-per-address", quota::refusedOfAddress);
    metrics.counter(name, help, "limit", "connections-per-identity", quota::refusedOfIdentity);
    metrics.counter(name, help, "limit", "publish-rate", rate::refused);
    metrics.counter(name, help, "limit", "passwords", access::delayedProofs);
    metrics.counter(
        "posthaste_proofs_failed",
        "Passwords, keys and signatures that did not hold",
        access::failedProofs);
  }

  static void addLog(Metrics metrics, RocksLog log) {
    metrics.counter(
        "posthaste_log_syncs", "Groups written and synced", () -> log.statistics().syncs());
    metrics.counter(
        "posthaste_log_messages", "Messages written", () -> log.statistics().messages());
    metrics.counter(
        "posthaste_log_written_bytes", "Bytes written", () -> log.statistics().bytesWritten());
    metrics.counter(
        "posthaste_log_failures",
        "Groups that could not be written",
        () -> log.statistics().failures());
    metrics.gauge(
        "posthaste_log_broken",
        "1 if the disk failed, and not for lack of space: publishing fails until a restart",
        () -> log.failure().isPresent() ? 1 : 0);
    metrics.counter(
        "posthaste_log_overflows",
        "Publishes refused because too many waited",
        () -> log.statistics().overflows());
    metrics.counter(
        "posthaste_log_removals",
        "Messages removed by retention",
        () -> log.statistics().removals());
    metrics.gauge(
        "posthaste_log_disk_bytes",
        "Bytes of the log's files, as of the look before",
        new DiskBytes(log));
  }

  /**
   * Files are counted by the log's threads and metrics are asked for on an event loop, so this is
   * as of the asking before. Nothing is asked while nobody looks.
   */
  private static final class DiskBytes implements DoubleSupplier {
    private final RocksLog log;
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile long known;

    DiskBytes(RocksLog log) {
      this.log = log;
      getAsDouble();
    }

    @Override
    public double getAsDouble() {
      if (asking.compareAndSet(false, true)) {
        log.diskBytes()
            .whenComplete(
                (bytes, failure) -> {
                  if (failure == null) {
                    known = bytes;
                  }
                  asking.set(false);
                });
      }
      return known;
    }
  }
}
