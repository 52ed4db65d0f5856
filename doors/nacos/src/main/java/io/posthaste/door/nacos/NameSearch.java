package io.posthaste.door.nacos;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Searches through the names of all configs, one after the other: each is a walk over all of them,
 * and many clients may want one at the same time. Thread-safe; on threads that all share.
 */
final class NameSearch {
  /** So many may wait. */
  static final int MOST = 256;

  private final Queue<Runnable> waiting = new ArrayDeque<>(); // this object's monitor, as is
  private boolean running;

  /** There are too many of them: to be asked for again. */
  static final class TooMany extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooMany() {
      super("too many are searched for (expected: a retry)");
    }
  }

  /** Runs one when it is its turn. Fails with {@link TooMany} at once if too many wait. */
  <T> CompletionStage<T> run(Supplier<T> search) {
    CompletableFuture<T> found = new CompletableFuture<>();
    synchronized (this) {
      if (waiting.size() >= MOST) {
        found.completeExceptionally(new TooMany());
        return found;
      }
      waiting.add(
          () ->
              CompletableFuture.supplyAsync(search)
                  .whenComplete(
                      (value, failure) -> {
                        runNext();
                        if (failure == null) {
                          found.complete(value);
                        } else {
                          found.completeExceptionally(failure);
                        }
                      }));
      if (running) {
        return found;
      }
      running = true;
    }
    runNext();
    return found;
  }

  private void runNext() {
    Runnable next;
    synchronized (this) {
      next = waiting.poll();
      running = next != null;
    }
    if (next != null) {
      next.run();
    }
  }
}
