package io.posthaste.server;

import io.posthaste.core.Shard;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what other threads complete, such as the log's, back to the shard that asked. */
public final class Completion {
  private static final Logger LOGGER = LoggerFactory.getLogger(Completion.class);

  private Completion() {}

  /**
   * Has the shard's thread go on when a stage is complete: at once if it is already. To be called
   * by the shard's thread. Once its loop has ended, nobody goes on.
   *
   * @param failed is given why the stage failed, or what {@code done} threw
   */
  public static <T> void on(
      Shard shard, CompletionStage<T> stage, Consumer<? super T> done, Consumer<Throwable> failed) {
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
      CompletableFuture<T> future, Consumer<? super T> done, Consumer<Throwable> failed) {
    try {
      done.accept(future.join());
    } catch (CompletionException e) {
      failed.accept(e.getCause() == null ? e : e.getCause());
    } catch (RuntimeException e) {
      failed.accept(e);
    }
  }
}
