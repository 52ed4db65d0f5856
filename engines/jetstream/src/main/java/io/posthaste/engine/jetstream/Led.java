package io.posthaste.engine.jetstream;

import io.posthaste.core.LogException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Believes only what the leader of a stream told. A server that was deposed answers as if it led
 * for as long as it has not heard of that, and lacks the newest messages.
 *
 * <p>Whoever was seen to lead by a majority leads for some moments more, as the others must wait
 * before they elect another: {@link StreamState#ledUntilNanos()}. What was told within that time is
 * good. So a look at who leads goes out beside the first reading and serves all that follow for a
 * second; only readings that take longer wait for one. Thread-safe.
 */
final class Led {
  /** So often something is read while leaders change. */
  private static final int TRIES = 4;

  private final Heads heads;
  private final boolean replicated;

  /**
   * @param replicated whether streams have replicas, and so leaders that change
   */
  Led(Heads heads, boolean replicated) {
    this.heads = heads;
    this.replicated = replicated;
  }

  /**
   * What is read of a stream, told by its leader from beginning to end.
   *
   * @param reading asks the stream; is called again if the leader changed meanwhile
   */
  <T> CompletableFuture<T> read(Partition partition, Supplier<CompletableFuture<T>> reading) {
    return replicated ? read(partition, reading, TRIES) : reading.get();
  }

  private <T> CompletableFuture<T> read(
      Partition partition, Supplier<CompletableFuture<T>> reading, int tries) {
    StreamState before = heads.latest(partition.number);
    CompletableFuture<StreamState> look =
        before != null && before.isLed() ? null : heads.state(partition.number);
    return reading
        .get()
        .thenCompose(
            answer -> {
              if (look == null && before != null && before.isLed()) {
                return CompletableFuture.completedFuture(answer);
              }
              return leader(partition, look, System.nanoTime())
                  .thenCompose(
                      after -> {
                        if (before == null || before.leader().equals(after.leader())) {
                          return CompletableFuture.completedFuture(answer);
                        }
                        return tries > 1
                            ? read(partition, reading, tries - 1)
                            : CompletableFuture.failedFuture(changed(partition));
                      });
            });
  }

  /** Who led when an answer had come: as the look beside it says, or one that is made now. */
  private CompletableFuture<StreamState> leader(
      Partition partition, @Nullable CompletableFuture<StreamState> look, long answeredNanos) {
    if (look == null) {
      return heads.state(partition.number);
    }
    return look.thenCompose(
        state ->
            state.ledUntilNanos() - answeredNanos > 0
                ? CompletableFuture.completedFuture(state)
                : heads.state(partition.number));
  }

  /** That a stream had several leaders, however often it was read. */
  static LogException changed(Partition partition) {
    return new LogException(
        "the leader of " + partition.stream + " changed while it was read (expected: a retry)");
  }
}
