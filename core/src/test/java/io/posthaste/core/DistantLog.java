package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A log as if behind a network: every question takes a while to arrive and every answer a while to
 * come back, so an answer may be old; a listener hears only of topics that it has asked for, some
 * time after it did; and the connection over which it hears may break and lose commits.
 */
final class DistantLog extends LogDecorator {
  private final ScheduledExecutorService questions = Executors.newScheduledThreadPool(2);
  private final Random random;
  private @Nullable Listening listening;

  DistantLog(Log inner, long seed) {
    super(inner);
    random = new Random(seed);
  }

  @Override
  public CompletionStage<List<Appended>> append(List<Append> batch) {
    return inner.append(batch).thenCompose(outcomes -> distant(() -> done(outcomes)));
  }

  @Override
  public CompletionStage<Long> head(int partition) {
    return distant(() -> inner.head(partition));
  }

  @Override
  public CompletionStage<Page> read(ReadRequest request) {
    return distant(() -> inner.read(request));
  }

  @Override
  public CompletionStage<Page> readBackward(ReadRequest request) {
    return distant(() -> inner.readBackward(request));
  }

  @Override
  public CompletionStage<Optional<Message>> latest(Topic topic) {
    return distant(() -> inner.latest(topic));
  }

  @Override
  public Interest follow(CommitListener listener) {
    Listening ours = new Listening(listener);
    listening = ours;
    return ours;
  }

  /** Breaks the connection for a moment: commits of it are not heard. */
  void breakOff() {
    requireNonNull(listening).breakOff();
  }

  @Override
  public void close() {
    questions.shutdownNow();
    if (listening != null) {
      listening.deliveries.shutdownNow();
    }
    super.close();
  }

  private static <T> CompletionStage<T> done(T value) {
    return CompletableFuture.completedStage(value);
  }

  private <T> CompletionStage<T> distant(Supplier<CompletionStage<T>> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    questions.schedule(
        () ->
            question
                .get()
                .whenComplete(
                    (value, failure) ->
                        questions.schedule(
                            () -> {
                              if (failure == null) {
                                answer.complete(value);
                              } else {
                                answer.completeExceptionally(failure);
                              }
                            },
                            delayMicros(),
                            TimeUnit.MICROSECONDS)),
        delayMicros(),
        TimeUnit.MICROSECONDS);
    return answer;
  }

  private synchronized long delayMicros() {
    return random.nextInt(4) == 0 ? random.nextInt(2_000) : random.nextInt(50);
  }

  private synchronized boolean sometimes(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private final class Listening implements Interest, CommitListener {
    final ScheduledExecutorService deliveries = Executors.newSingleThreadScheduledExecutor();
    private final CommitListener listener;
    private final Interest interest;
    private final Map<TopicPattern, Integer> wanted = new HashMap<>(); // guarded by this
    private boolean broken; // guarded by this

    Listening(CommitListener listener) {
      this.listener = listener;
      interest = inner.follow(this);
      interest.add(TopicPattern.ALL);
    }

    @Override
    public CompletionStage<Void> add(TopicPattern topics) {
      return distant(
          () -> {
            synchronized (this) {
              wanted.merge(topics, 1, Integer::sum);
            }
            return CompletableFuture.completedStage(null);
          });
    }

    @Override
    public synchronized void remove(TopicPattern topics) {
      wanted.computeIfPresent(topics, (key, times) -> times == 1 ? null : times - 1);
    }

    @Override
    public synchronized void onCommit(int partition, List<Message> messages, long head) {
      List<Message> heard = messages.stream().filter(this::isWanted).toList();
      if (!broken && (!heard.isEmpty() || sometimes(8))) {
        deliveries.execute(
            () -> {
              listener.onCommit(partition, heard, head);
              listener.onAcknowledged(partition);
            });
      }
    }

    private boolean isWanted(Message message) {
      return wanted.keySet().stream().anyMatch(pattern -> pattern.matches(message.topic()));
    }

    @Override
    public void onAcknowledged(int partition) {}

    @Override
    public void onInterrupted(int partition) {
      throw new AssertionError("the log beneath is never interrupted");
    }

    void breakOff() {
      synchronized (this) {
        broken = true;
      }
      questions.schedule(this::mend, delayMicros(), TimeUnit.MICROSECONDS);
    }

    private synchronized void mend() {
      broken = false;
      for (int partition : partitions()) {
        deliveries.execute(() -> listener.onInterrupted(partition));
      }
    }

    @Override
    public void close() {
      interest.close();
    }
  }
}
