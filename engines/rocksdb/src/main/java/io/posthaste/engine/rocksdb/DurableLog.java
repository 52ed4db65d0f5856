package io.posthaste.engine.rocksdb;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.CommitListener;
import io.posthaste.core.Followers;
import io.posthaste.core.Forgotten;
import io.posthaste.core.Interest;
import io.posthaste.core.Log;
import io.posthaste.core.LogException;
import io.posthaste.core.LoneNode;
import io.posthaste.core.Message;
import io.posthaste.core.Nodes;
import io.posthaste.core.Page;
import io.posthaste.core.Policies;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPage;
import io.posthaste.core.TopicPattern;
import io.posthaste.core.TopicState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.RocksDBException;

/**
 * The durable partition. Its threads: one that writes, one that keeps the policies, and a few that
 * read, which end when idle. Writing and reading meet in RocksDB and in the head alone.
 */
final class DurableLog implements Log {
  private static final int READING_THREADS = 2;
  private static final int WAITING_READS = 20_000;

  private final Store store;
  private final String epoch;
  private final Policies policies;
  private final Followers followers = new Followers();
  private final Nodes nodes = new LoneNode();
  private final GroupWriter writer;
  private final LogReader reader;
  private final Keeper keeper;
  private final ThreadPoolExecutor reads;
  private final Duration keepEvery;
  private volatile boolean started;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes ownership of the store. */
  DurableLog(Store store, RocksLog.Options options, Runnable besideKeeping) {
    this.store = store;
    epoch = store.epoch();
    policies = options.policies();
    Forgotten forgotten = store.forgotten();
    writer = new GroupWriter(store, options, followers, forgotten, this::overfull);
    reader = new LogReader(store, writer, forgotten);
    keeper = new Keeper(store, writer, options, besideKeeping);
    AtomicInteger number = new AtomicInteger();
    reads =
        new ThreadPoolExecutor(
            READING_THREADS,
            READING_THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_READS),
            task -> {
              Thread thread = new Thread(task, "posthaste-log-reader-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    reads.allowCoreThreadTimeOut(true);
    keepEvery = options.keepEvery();
  }

  /** Begins to write, and to keep to the policies; before, all there is can be read. */
  void start() {
    started = true;
    writer.start();
    keeper.start(keepEvery);
  }

  private void overfull(String topic) {
    keeper.overfull(topic);
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public List<Integer> partitions() {
    return List.of(GroupWriter.PARTITION);
  }

  @Override
  public int partitionOf(Topic topic) {
    return GroupWriter.PARTITION;
  }

  @Override
  public List<Integer> partitionsOf(TopicPattern topics) {
    return partitions();
  }

  @Override
  public Policies policies() {
    return policies;
  }

  @Override
  public CompletionStage<List<Appended>> append(List<Append> batch) {
    if (!started) {
      return CompletableFuture.completedStage(
          Collections.nCopies(
              batch.size(), new Appended.Unavailable("the log is open to be read")));
    }
    return batch.isEmpty() ? CompletableFuture.completedStage(List.of()) : writer.append(batch);
  }

  @Override
  public CompletionStage<Long> head(int partition) {
    requireOurs(partition);
    return CompletableFuture.completedStage(writer.head());
  }

  @Override
  public CompletionStage<Page> read(ReadRequest request) {
    requireOurs(request.partition());
    if (request.place() >= writer.head() && !closed.get()) {
      // Caught up: the most common of all reads needs no other thread.
      return CompletableFuture.completedStage(
          new Page(List.of(), request.place(), false, List.of()));
    }
    return ask(() -> reader.forward(request));
  }

  @Override
  public CompletionStage<Page> readBackward(ReadRequest request) {
    requireOurs(request.partition());
    return ask(() -> reader.backward(request));
  }

  @Override
  public CompletionStage<Optional<Message>> latest(Topic topic) {
    return ask(() -> reader.latest(topic));
  }

  @Override
  public CompletionStage<Optional<TopicState>> state(Topic topic) {
    return ask(() -> reader.state(topic));
  }

  @Override
  public CompletionStage<TopicPage> topics(String prefix, String after, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: 1 or more)");
    }
    return ask(() -> reader.topics(prefix, after, limit));
  }

  @Override
  public CompletionStage<Long> placeAt(int partition, Instant time) {
    requireOurs(partition);
    return ask(() -> reader.placeAt(time.toEpochMilli()));
  }

  private static void requireOurs(int partition) {
    if (partition != GroupWriter.PARTITION) {
      throw new IllegalArgumentException(
          "partition: " + partition + " (expected: " + GroupWriter.PARTITION + ")");
    }
  }

  @FunctionalInterface
  private interface Question<T> {
    T answer() throws RocksDBException;
  }

  private <T> CompletionStage<T> ask(Question<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    try {
      reads.execute(
          () -> {
            try {
              answer.complete(question.answer());
            } catch (RocksDBException e) {
              answer.completeExceptionally(Store.failed(e));
            } catch (RuntimeException | Error e) {
              answer.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(
          new LogException(
              closed.get()
                  ? "the log is closed"
                  : "too many reads are under way (expected: at most " + WAITING_READS + ")"));
    }
    return answer;
  }

  @Override
  public Nodes nodes() {
    return nodes;
  }

  @Override
  public Interest follow(CommitListener listener) {
    return followers.follow(listener);
  }

  @SuppressWarnings("NullAway") // a Void can only be null; a further stage would wrap failures
  CompletionStage<Void> backup(Path target) {
    return ask(
        () -> {
          store.copyTo(target);
          return null;
        });
  }

  RocksLog.Statistics statistics() {
    return writer.counters().read();
  }

  @Override
  public Optional<String> failure() {
    return Optional.ofNullable(writer.broken());
  }

  CompletionStage<Long> diskBytes() {
    return ask(store::diskBytes);
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    keeper.stop();
    writer.close();
    keeper.close();
    reads.shutdown();
    boolean interrupted = false;
    while (!reads.isTerminated()) {
      try {
        reads.awaitTermination(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    followers.close();
    store.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
