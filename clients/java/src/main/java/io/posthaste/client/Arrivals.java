package io.posthaste.client;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What a connection's threads hand to the subscription's. Whoever fills it asks the connection for
 * the next only when one was taken, so it holds two or three; the rest waits at the server.
 */
final class Arrivals<T> {
  /** How often the sink is asked whether to leave. */
  private static final long SLICE_MILLIS = 250;

  private final Queue<T> arrived = new ArrayDeque<>();
  private long heardNanos = System.nanoTime();
  private boolean ended;
  private @Nullable Throwable failure;

  synchronized void add(T item) {
    arrived.add(item);
    heard();
  }

  /** The connection is alive, although it brought nothing that counts. */
  synchronized void heard() {
    heardNanos = System.nanoTime();
    notifyAll();
  }

  /** The connection ended in order. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  synchronized void fail(Throwable why) {
    failure = why;
    notifyAll();
  }

  /**
   * The next; null when the connection ended in order, or the sink wants to leave.
   *
   * @throws IOException if it broke, or nothing was heard for so long
   */
  @Nullable T take(Duration silenceLimit, Sink sink) throws IOException, InterruptedException {
    synchronized (this) {
      heardNanos = System.nanoTime();
    }
    while (true) {
      synchronized (this) {
        T item = arrived.poll();
        if (item != null) {
          return item;
        }
        if (failure != null) {
          throw Waiting.failure(failure);
        }
        if (ended) {
          return null;
        }
        if (System.nanoTime() - heardNanos > silenceLimit.toNanos()) {
          throw Waiting.tooLate("a byte", silenceLimit, new IOException("silence"));
        }
        wait(Math.min(SLICE_MILLIS, silenceLimit.toMillis()));
        if (!arrived.isEmpty()) {
          continue;
        }
      }
      if (sink.leaves()) {
        return null;
      }
    }
  }
}
