package io.posthaste.core;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Lets readers that are behind the tails read the log: first come, first served, a page each, and
 * only so many pages at a time that their memory is bounded whoever asks. A page that its reader
 * cannot take whole is dropped and read again later: the cursor is the only state.
 *
 * <p>Thread-safe; the queue is guarded by itself.
 */
final class LogReads {
  /** A reader that wants a page. */
  interface Wanting {
    Shard shard();

    /** Begins to read; null if the page is no longer wanted. Called by any thread. */
    @Nullable CompletionStage<Page> read();

    /** Called by the shard's thread. */
    void onPage(Page page);

    /** Called by the shard's thread. */
    void onReadFailed(Throwable failure);
  }

  private final int maxAtOnce;
  private final Set<Wanting> waiting = new LinkedHashSet<>(); // in the order of their coming
  private int underWay;

  LogReads(int maxAtOnce) {
    this.maxAtOnce = maxAtOnce;
  }

  void request(Wanting reader) {
    synchronized (waiting) {
      if (underWay >= maxAtOnce) {
        waiting.add(reader);
        return;
      }
      underWay++;
    }
    begin(reader);
  }

  /** The reader has ended: it waits no longer, however long the log may take for others. */
  void cancel(Wanting reader) {
    synchronized (waiting) {
      waiting.remove(reader);
    }
  }

  int underWay() {
    synchronized (waiting) {
      return underWay;
    }
  }

  int waiting() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  private void begin(Wanting reader) {
    Wanting next = reader;
    while (next != null) {
      Wanting current = next;
      next = null;
      CompletionStage<Page> page;
      try {
        page = current.read();
      } catch (RuntimeException e) {
        // A log that throws instead of failing its stage shall not keep the slot.
        page = CompletableFuture.failedStage(e);
      }
      if (page == null) {
        next = finished();
      } else {
        page.whenComplete((result, failure) -> deliver(current, result, failure));
      }
    }
  }

  private void deliver(Wanting reader, @Nullable Page page, @Nullable Throwable failure) {
    try {
      reader.shard().loop().execute(() -> hand(reader, page, failure));
    } catch (RejectedExecutionException closed) {
      // The shard's loop has ended, and with it the reader.
      continueWith(finished());
    }
  }

  private void hand(Wanting reader, @Nullable Page page, @Nullable Throwable failure) {
    try {
      if (page != null) {
        reader.onPage(page);
      } else {
        reader.onReadFailed(failure == null ? new LogException("no page") : failure);
      }
    } finally {
      continueWith(finished());
    }
  }

  private void continueWith(@Nullable Wanting next) {
    if (next != null) {
      begin(next);
    }
  }

  private @Nullable Wanting finished() {
    synchronized (waiting) {
      Iterator<Wanting> first = waiting.iterator();
      if (!first.hasNext()) {
        underWay--;
        return null;
      }
      Wanting next = first.next();
      first.remove();
      return next;
    }
  }
}
