package io.posthaste.door.web;

import io.posthaste.core.Shard;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what the log's threads complete back to the shard that asked. */
final class OnShard {
  private static final Logger LOGGER = LoggerFactory.getLogger(OnShard.class);

  private OnShard() {}

  /**
   * Has the shard's thread go on when a stage is complete: at once if it is already. To be called
   * by the shard's thread.
   *
   * @param failed is called if the stage failed or {@code done} threw
   */
  static <T> void then(
      Shard shard, CompletionStage<T> stage, Consumer<? super T> done, Runnable failed) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    if (future.isDone()) {
      finish(future, done, failed);
      return;
    }
    future.whenComplete(
        (value, failure) -> {
          try {
            shard.loop().execute(() -> finish(future, done, failed));
          } catch (RejectedExecutionException ended) {
            LOGGER.debug("loop ended before an answer came");
          }
        });
  }

  private static <T> void finish(
      CompletableFuture<T> future, Consumer<? super T> done, Runnable failed) {
    try {
      done.accept(future.join());
    } catch (RuntimeException e) {
      LOGGER.error("a request of the log's failed", e);
      failed.run();
    }
  }
}
