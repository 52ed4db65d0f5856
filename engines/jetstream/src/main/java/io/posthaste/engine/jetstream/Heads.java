package io.posthaste.engine.jetstream;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks streams' leaders how far they are. An answer serves only those who asked before the question
 * went out; so there is one question under way a stream, and whoever comes meanwhile shares the
 * next one: thousands of readers that come at once cost two questions. Thread-safe.
 */
final class Heads {
  /**
   * A server that has just been elected may not have stored yet all that is acknowledged. If it has
   * less than this node knows of, it is asked again so often; then it is believed, as after a loss
   * of power it is right.
   */
  private static final int TRIES = 10;

  private static final Executor LATER =
      CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

  private final Wire wire;
  private final Map<Integer, Questions> questions = new HashMap<>(); // read-only once made

  /** The questions about one stream; guarded by itself. */
  private static final class Questions {
    final Partition partition;
    boolean underWay;
    @Nullable CompletableFuture<StreamState> next;
    volatile @Nullable StreamState latest;

    Questions(Partition partition) {
      this.partition = partition;
    }
  }

  Heads(Wire wire, List<Partition> partitions) {
    this.wire = wire;
    partitions.forEach(partition -> questions.put(partition.number, new Questions(partition)));
  }

  /** The highest sequence of a partition. */
  CompletableFuture<Long> head(int partition) {
    return state(partition).thenApply(StreamState::last);
  }

  /** What was said last of a partition's stream; null if it was never asked for. */
  @Nullable StreamState latest(int partition) {
    return about(partition).latest;
  }

  private Questions about(int partition) {
    Questions about = questions.get(partition);
    if (about == null) {
      throw new IllegalArgumentException(
          "partition: " + partition + " (expected: one of " + questions.keySet() + ")");
    }
    return about;
  }

  /** The state of a partition's stream, as it is after this call or later. */
  CompletableFuture<StreamState> state(int partition) {
    Questions about = about(partition);
    CompletableFuture<StreamState> answer;
    synchronized (about) {
      if (about.underWay) {
        answer = about.next;
        if (answer == null) {
          answer = new CompletableFuture<>();
          about.next = answer;
        }
        return answer;
      }
      about.underWay = true;
      answer = new CompletableFuture<>();
    }
    ask(about, answer, TRIES);
    return answer;
  }

  private void ask(Questions about, CompletableFuture<StreamState> answer, int tries) {
    long known = about.partition.known();
    wire.state(about.partition.stream)
        .whenComplete(
            (state, failure) -> {
              if (failure == null && state.last() < known && tries > 1) {
                LATER.execute(() -> ask(about, answer, tries - 1));
                return;
              }
              CompletableFuture<StreamState> next;
              synchronized (about) {
                next = about.next;
                about.next = null;
                about.underWay = next != null;
              }
              if (next != null) {
                ask(about, next, TRIES);
              }
              if (failure != null) {
                answer.completeExceptionally(failure);
              } else {
                about.partition.learn(state.last());
                about.latest = state;
                answer.complete(state);
              }
            });
  }
}
