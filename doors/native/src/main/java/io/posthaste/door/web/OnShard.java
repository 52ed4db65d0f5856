package io.posthaste.door.web;

import io.posthaste.core.LogException;
import io.posthaste.core.Shard;
import io.posthaste.server.Completion;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what the log's threads complete back to the shard that asked. */
final class OnShard {
  private static final Logger LOGGER = LoggerFactory.getLogger(OnShard.class);

  private static final long SAY_EVERY_NANOS = Duration.ofSeconds(10).toNanos();
  private static final AtomicLong SAID_NANOS = new AtomicLong(System.nanoTime() - SAY_EVERY_NANOS);

  private OnShard() {}

  /**
   * Has the shard's thread go on when a stage is complete: at once if it is already. To be called
   * by the shard's thread.
   *
   * @param failed is given what to say if the stage failed or {@code done} threw
   */
  static <T> void then(
      Shard shard, CompletionStage<T> stage, Consumer<? super T> done, Consumer<Refusal> failed) {
    Completion.on(shard, stage, done, why -> failed.accept(refusal(why)));
  }

  private static Refusal refusal(Throwable why) {
    if (why instanceof LogException unavailable) {
      sayNowAndThen(unavailable);
      return Refusal.of(unavailable);
    }
    LOGGER.error("a request of the log's failed", why);
    return Refusal.failed();
  }

  /** Each client is told, so of many at once one line is enough. */
  static void sayNowAndThen(LogException unavailable) {
    long now = System.nanoTime();
    long last = SAID_NANOS.get();
    if (now - last >= SAY_EVERY_NANOS && SAID_NANOS.compareAndSet(last, now)) {
      LOGGER.warn("the log does not answer, clients are told why={}", unavailable.getMessage());
    }
  }
}
