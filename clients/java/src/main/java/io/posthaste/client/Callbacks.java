package io.posthaste.client;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls an application's listener, and ends it cleanly: once closing has returned, nothing is
 * called any more. A callback that runs is waited for, and interrupted only if it takes long.
 */
final class Callbacks {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(1);

  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Thread thread;
  private boolean calling;
  private volatile boolean closed;

  /** Something that a listener does. */
  @FunctionalInterface
  interface Call {
    void run() throws Exception;
  }

  /** The thread that will call, before it does. */
  synchronized void belongTo(Thread thread) {
    this.thread = thread;
  }

  boolean areClosed() {
    return closed;
  }

  /**
   * Calls; what is thrown is logged.
   *
   * @throws InterruptedException if this was closed, before the call or during it
   */
  void call(Call call) throws InterruptedException {
    synchronized (this) {
      check();
      calling = true;
    }
    try {
      call.run();
    } catch (InterruptedException e) {
      check();
      Logs.LOGGER.log(Level.ERROR, "a listener was interrupted", e);
    } catch (Throwable e) { // whatever an application does wrong, its subscription goes on
      Logs.LOGGER.log(Level.ERROR, "a listener failed", e);
    } finally {
      synchronized (this) {
        calling = false;
        Thread.interrupted(); // meant for the callback, and not for what follows
      }
    }
  }

  private void check() throws InterruptedException {
    if (closed) {
      throw new InterruptedException("closed");
    }
  }

  /** The thread is about to end. */
  void end() {
    ended.countDown();
  }

  /** Closes. Returns when nothing is called any more, unless it is called from a callback. */
  void close() {
    boolean own;
    synchronized (this) {
      closed = true;
      own = thread == null || thread == Thread.currentThread();
      if (!own && !calling) {
        interrupt();
      }
    }
    if (own) {
      return;
    }
    try {
      if (!ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        interrupt();
        if (!ended.await(LAST_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
          Logs.LOGGER.log(Level.WARNING, "a listener does not return, although interrupted");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void interrupt() {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
