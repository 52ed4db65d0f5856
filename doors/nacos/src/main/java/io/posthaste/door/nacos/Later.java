package io.posthaste.door.nacos;

import io.posthaste.core.LogException;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what other threads complete back to the shard of the exchange that asked. */
final class Later {
  private static final Logger LOGGER = LoggerFactory.getLogger(Later.class);

  private Later() {}

  /**
   * Holds an exchange until a stage is complete, and goes on then by its shard's thread. If the
   * stage fails, the exchange is answered with that.
   */
  static <T> void on(Exchange exchange, CompletionStage<T> stage, Consumer<? super T> done) {
    on(exchange, Held.SHORTLY, stage, done, failure -> failed(exchange, failure));
  }

  /**
   * The same.
   *
   * @param holder hears what befalls the exchange meanwhile
   * @param failed is given why the stage failed, or {@code done} did
   */
  static <T> void on(
      Exchange exchange,
      HoldListener holder,
      CompletionStage<T> stage,
      Consumer<? super T> done,
      Consumer<Throwable> failed) {
    exchange.hold(holder);
    CompletableFuture<T> future = stage.toCompletableFuture();
    if (future.isDone()) {
      finish(future, done, failed);
      return;
    }
    future.whenComplete(
        (value, failure) -> {
          try {
            exchange.shard().loop().execute(() -> finish(future, done, failed));
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

  private static void failed(Exchange exchange, Throwable why) {
    if (why instanceof LogException failure) {
      LOGGER.debug("the log does not answer why={}", failure.getMessage());
      Answers.unavailable(exchange, "the log does not answer (expected: a retry)");
    } else if (why instanceof MalformedException refusal) {
      Answers.text(exchange, 400, refusal.getMessage() + "\n");
    } else {
      LOGGER.error("a request failed", why);
      Answers.text(exchange, 500, "the server failed at this request; its log says why\n");
    }
  }
}
