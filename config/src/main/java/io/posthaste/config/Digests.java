package io.posthaste.config;

import io.posthaste.core.Payload;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * MD5s of contents: those of large ones by a thread of their own, as one of 10 MiB takes tens of
 * milliseconds, for which no event loop may stand still. Thread-safe.
 */
final class Digests {
  /** Above, a content is large: what is smaller takes less than half a millisecond. */
  static final int LARGE_BYTES = 128 << 10;

  /** With so many waiting, whoever asks for another computes it himself. */
  private static final int MOST_WAITING = 64;

  private final ThreadPoolExecutor aside =
      new ThreadPoolExecutor(
          1,
          1,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          task -> {
            Thread thread = new Thread(task, "posthaste-digests");
            thread.setDaemon(true);
            return thread;
          },
          new ThreadPoolExecutor.CallerRunsPolicy());

  Digests() {
    aside.allowCoreThreadTimeOut(true);
  }

  /** Of a content: complete already, unless it is large. */
  CompletableFuture<Md5> of(Payload content) {
    return content.length() > LARGE_BYTES
        ? CompletableFuture.supplyAsync(() -> Md5.of(content), aside)
        : CompletableFuture.completedFuture(Md5.of(content));
  }
}
