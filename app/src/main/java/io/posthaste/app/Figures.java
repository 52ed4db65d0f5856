package io.posthaste.app;

import io.posthaste.core.Hub;
import io.posthaste.engine.rocksdb.RocksLog;
import io.posthaste.engine.rocksdb.RocksLog.Statistics;
import io.posthaste.server.Metrics;
import java.util.concurrent.atomic.AtomicBoolean;

/** The hub's and the log's figures among the metrics. */
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

  static void addLog(Metrics metrics, RocksLog log) {
    Latest latest = new Latest(log);
    metrics.counter("posthaste_log_syncs", "Groups written and synced", () -> latest.get().syncs());
    metrics.counter("posthaste_log_messages", "Messages written", () -> latest.get().messages());
    metrics.counter(
        "posthaste_log_written_bytes", "Bytes written", () -> latest.get().bytesWritten());
    metrics.counter(
        "posthaste_log_failures",
        "Groups that could not be written",
        () -> latest.get().failures());
    metrics.counter(
        "posthaste_log_overflows",
        "Publishes refused because too many waited",
        () -> latest.get().overflows());
    metrics.counter(
        "posthaste_log_removals", "Messages removed by retention", () -> latest.get().removals());
    metrics.gauge(
        "posthaste_log_disk_bytes", "Bytes of the log's files", () -> latest.get().diskBytes());
  }

  /**
   * The log answers later and metrics are asked for on an event loop, so a figure is as of the
   * asking before. Nothing is asked while nobody looks.
   */
  private static final class Latest {
    private final RocksLog log;
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile Statistics known = new Statistics(0, 0, 0, 0, 0, 0, 0, 0);

    Latest(RocksLog log) {
      this.log = log;
      get();
    }

    Statistics get() {
      if (asking.compareAndSet(false, true)) {
        log.statistics()
            .whenComplete(
                (statistics, failure) -> {
                  if (failure == null) {
                    known = statistics;
                  }
                  asking.set(false);
                });
      }
      return known;
    }
  }
}
