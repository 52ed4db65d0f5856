package io.posthaste.door.apollo;

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

  /** The answer comes soon, whoever may have gone meanwhile. */
  private static final HoldListener SHORTLY =
      new HoldListener() {
        @Override
        public void onGone() {
          // What was begun goes on; its answer goes nowhere.
        }

        @Override
        public void onHurry() {
          // It does.
        }
      };

  private Later() {}

  /**
   * Holds an exchange until a stage is complete, and goes on then by its shard's thread. If the
   * stage or what follows fails, the exchange is answered with that.
   */
  static <T> void on(Exchange exchange, CompletionStage<T> stage, Consumer<? super T> done) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    exchange.hold(SHORTLY);
    if (future.isDone()) {
      finish(exchange, future, done);
      return;
    }
    future.whenComplete(
        (value, failure) -> {
          try {
            exchange.shard().loop().execute(() -> finish(exchange, future, done));
          } catch (RejectedExecutionException ended) {
            LOGGER.debug("loop ended before an answer came");
          }
        });
  }

  private static <T> void finish(
      Exchange exchange, CompletableFuture<T> future, Consumer<? super T> done) {
    try {
      done.accept(future.join());
    } catch (CompletionException e) {
      Answers.failed(exchange, e.getCause() == null ? e : e.getCause());
    } catch (RuntimeException e) {
      Answers.failed(exchange, e);
    }
  }
}
