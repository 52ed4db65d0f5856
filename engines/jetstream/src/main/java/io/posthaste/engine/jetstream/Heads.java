package io.posthaste.engine.jetstream;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks streams' leaders how far they are. An answer serves only those who asked before the question
 * went out; so there is one question under way a stream, and whoever comes meanwhile shares the
 * next one: thousands of readers that come at once cost two questions. Thread-safe.
 */
final class Heads {
  private final Wire wire;
  private final Map<Integer, Questions> questions = new HashMap<>(); // read-only once made

  /** The questions about one stream; guarded by itself. */
  private static final class Questions {
    final Partition partition;
    boolean underWay;
    @Nullable CompletableFuture<StreamState> next;

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

  /** The state of a partition's stream, as it is after this call or later. */
  CompletableFuture<StreamState> state(int partition) {
    Questions about = questions.get(partition);
    if (about == null) {
      throw new IllegalArgumentException(
          "partition: " + partition + " (expected: one of " + questions.keySet() + ")");
    }
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
    ask(about, answer);
    return answer;
  }

  private void ask(Questions about, CompletableFuture<StreamState> answer) {
    wire.state(about.partition.stream)
        .whenComplete(
            (state, failure) -> {
              CompletableFuture<StreamState> next;
              synchronized (about) {
                next = about.next;
                about.next = null;
                about.underWay = next != null;
              }
              if (next != null) {
                ask(about, next);
              }
              if (failure != null) {
                answer.completeExceptionally(failure);
              } else {
                about.partition.learn(state.last());
                answer.complete(state);
              }
            });
  }
}
