package io.posthaste.app;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection on which nothing has arrived for too long: a peer that is gone without a word
 * is noticed by the heartbeats that do not come.
 */
final class Watchdog implements AutoCloseable {
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "watchdog");
            thread.setDaemon(true);
            return thread;
          });
  private final long quietNanos;
  private volatile long sinceNanos;
  private volatile boolean waiting;
  private volatile boolean bitten;

  Watchdog(Duration quiet, Closeable connection) {
    this.quietNanos = quiet.toNanos();
    long every = Math.max(quiet.toMillis() / 8, 1);
    timer.scheduleWithFixedDelay(() -> look(connection), every, every, TimeUnit.MILLISECONDS);
  }

  /** From now on something is waited for. */
  void waits() {
    sinceNanos = System.nanoTime();
    waiting = true;
  }

  /** It has come; while it is dealt with, the watchdog sleeps. */
  void hears() {
    waiting = false;
  }

  /** Whether it was this that closed the connection. */
  boolean hasBitten() {
    return bitten;
  }

  private void look(Closeable connection) {
    if (waiting && System.nanoTime() - sinceNanos > quietNanos) {
      bitten = true;
      try {
        connection.close();
      } catch (IOException e) {
        // It is as closed as it can be.
      }
      timer.shutdown();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
