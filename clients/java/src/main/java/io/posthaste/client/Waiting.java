package io.posthaste.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting for what another thread completes. */
final class Waiting {
  private Waiting() {}

  /**
   * The result; the future is cancelled if it does not come, which breaks its connection.
   *
   * @param what for the message of the failure
   * @throws IOException if it failed, or took longer
   */
  static <T> T get(CompletableFuture<T> future, Duration limit, String what)
      throws IOException, InterruptedException {
    boolean done = false;
    try {
      T result = future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      done = true;
      return result;
    } catch (TimeoutException e) {
      throw tooLate(what, limit, e);
    } catch (ExecutionException e) {
      throw failure(e);
    } finally {
      if (!done) {
        future.cancel(true);
      }
    }
  }

  static IOException tooLate(String what, Duration limit, Exception cause) {
    InterruptedIOException late =
        new InterruptedIOException(what + " took longer than " + limit.toMillis() + " ms");
    late.initCause(cause);
    return late;
  }

  /** What a future failed with, as the I/O that it was. */
  static IOException failure(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof IOException) {
      return (IOException) cause;
    }
    return new IOException(String.valueOf(cause.getMessage()), cause);
  }
}
