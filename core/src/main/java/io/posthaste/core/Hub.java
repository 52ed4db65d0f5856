package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where publishers and readers meet: whatever a door translates, it ends here in publish, subscribe
 * or poll. The one algorithm for all engines is <em>register, then read what the cursor lacks, then
 * go live; drop what was seen by sequence</em>.
 *
 * <p>Thread-safe. Stages complete on a thread of the log's or a shard's, where no caller may block.
 */
public final class Hub implements AutoCloseable {
  private static final int MOST_SHARDS = 64;
  private static final int READ_BYTES = 4 << 20;

  private final Log log;
  private final HubOptions options;
  private final List<Shard> shards;
  private final Tails tails;
  private final LogReads reads;
  private final Consumers consumers;
  private final Starts starts;
  private final Readership readership;
  private final List<ScheduledExecutorService> ownLoops;
  private final AtomicInteger turn = new AtomicInteger();
  private final AtomicReference<@Nullable Admission> admission = new AtomicReference<>();
  private volatile boolean closed;

  /**
   * A hub with an event loop of its own, for use inside an application. Closing it leaves the log
   * open.
   */
  public Hub(Log log) {
    this(log, List.of(), HubOptions.defaults());
  }

  /**
   * A hub whose readers live on the given loops, a shard each.
   *
   * @param loops single-threaded, 64 at most; they stay the caller's to end. None: the hub makes
   *     one
   */
  public Hub(Log log, List<? extends ScheduledExecutorService> loops, HubOptions options) {
    if (loops.size() > MOST_SHARDS) {
      throw new IllegalArgumentException(
          "loops: " + loops.size() + " (expected: at most " + MOST_SHARDS + ")");
    }
    this.log = log;
    this.options = options;
    this.ownLoops = loops.isEmpty() ? List.of(ownLoop()) : List.of();
    this.shards = new ArrayList<>();
    this.tails =
        new Tails(
            log,
            shards,
            options.tailBytes(),
            options.lingerMillis(),
            () -> System.nanoTime() / 1_000_000);
    this.reads = new LogReads(options.logReads());
    this.consumers = new Consumers(log);
    this.starts = new Starts(log, consumers);
    int partitions = 1 + log.partitions().get(log.partitions().size() - 1);
    for (ScheduledExecutorService loop : loops.isEmpty() ? ownLoops : loops) {
      shards.add(new Shard(this, shards.size(), loop, partitions));
    }
    this.readership = new Readership(log.nodes(), tails, this.shards);
    tails.follow();
  }

  private static ScheduledExecutorService ownLoop() {
    return Executors.newSingleThreadScheduledExecutor(
        task -> {
          Thread thread = new Thread(task, "posthaste-hub");
          thread.setDaemon(true);
          return thread;
        });
  }

  /** The shards, in the order of the loops. */
  public List<Shard> shards() {
    return List.copyOf(shards);
  }

  /** The log beneath. */
  public Log log() {
    return log;
  }

  /** The log's identity, which stands in every id and cursor. */
  public String epoch() {
    return log.epoch();
  }

  /** Publishes one message. */
  public CompletionStage<Appended> publish(Append message) {
    return publish(List.of(message)).thenApply(outcomes -> outcomes.get(0));
  }

  /** Publishes several; the outcomes stand in their order, each judged for itself. */
  public CompletionStage<List<Appended>> publish(List<Append> messages) {
    Admission asked = admission.get();
    for (Append message : messages) {
      if (isTooLarge(message) || asked != null && asked.concerns(message.topic())) {
        return publishWhatMay(messages, asked);
      }
    }
    return log.append(messages);
  }

  private boolean isTooLarge(Append message) {
    return message.payload().length() > log.policies().of(message.topic()).maxMessageBytes();
  }

  private CompletionStage<List<Appended>> publishWhatMay(
      List<Append> messages, @Nullable Admission asked) {
    List<Admission.Verdict> verdicts = new ArrayList<>(messages.size());
    List<Append> passing = new ArrayList<>(messages.size());
    for (Append message : messages) {
      Admission.Verdict verdict =
          asked == null || isTooLarge(message) || !asked.concerns(message.topic())
              ? Admission.Admitted.FREELY
              : asked.of(message);
      verdicts.add(verdict);
      if (verdict instanceof Admission.Admitted && !isTooLarge(message)) {
        passing.add(message);
      }
    }
    return log.append(passing)
        .whenComplete(
            (stored, failure) -> {
              if (failure != null) {
                verdicts.forEach(verdict -> end(verdict, null));
              }
            })
        .thenApply(
            stored -> {
              List<Appended> outcomes = new ArrayList<>(messages.size());
              int next = 0;
              for (int i = 0; i < messages.size(); i++) {
                if (verdicts.get(i) instanceof Admission.Refused refused) {
                  outcomes.add(new Appended.Refused(refused.reason()));
                } else if (isTooLarge(messages.get(i))) {
                  long most = log.policies().of(messages.get(i).topic()).maxMessageBytes();
                  outcomes.add(new Appended.TooLarge(most));
                } else {
                  Appended outcome = stored.get(next++);
                  end(verdicts.get(i), outcome);
                  outcomes.add(outcome);
                }
              }
              return outcomes;
            });
  }

  private static void end(Admission.Verdict verdict, @Nullable Appended outcome) {
    if (verdict instanceof Admission.Admitted admitted) {
      admitted.ended().accept(outcome);
    }
  }

  /**
   * Has everything that is published from now on admitted by this, in the place of what was before.
   */
  public void admitBy(Admission admission) {
    this.admission.set(requireNonNull(admission, "admission"));
  }

  /** Publishes without it again, if it is asked still. */
  public void admitNoMoreBy(Admission admission) {
    this.admission.compareAndSet(admission, null);
  }

  /**
   * Polls from any thread, for use outside of a shard. Cancelling the future ends the poll and
   * leaves nothing behind. It completes on a shard's thread.
   */
  public CompletableFuture<PollResult> poll(Poll poll) {
    Shard shard = shards.get(Math.floorMod(turn.getAndIncrement(), shards.size()));
    AtomicReference<PendingPoll> pending = new AtomicReference<>();
    CompletableFuture<PollResult> answer = new CompletableFuture<>();
    PollListener listener =
        new PollListener() {
          @Override
          public void onResult(PollResult result) {
            answer.complete(result);
          }

          @Override
          public void onFailed(LogException failure) {
            answer.completeExceptionally(failure);
          }
        };
    boolean begins =
        shard.execute(
            () -> {
              if (closed) {
                answer.completeExceptionally(new LogException("the hub is closed"));
              } else if (!answer.isDone()) {
                pending.set(shard.poll(poll, listener));
              }
            });
    if (!begins) {
      answer.completeExceptionally(new LogException("the hub is closed"));
    }
    answer.whenComplete(
        (result, failure) -> {
          if (answer.isCancelled()) {
            shard.execute(
                () -> {
                  PendingPoll begun = pending.get();
                  if (begun != null) {
                    begun.cancel();
                  }
                });
          }
        });
    return answer;
  }

  /** The newest message of a topic, tombstones included. */
  public CompletionStage<Optional<Message>> latest(Topic topic) {
    return log.latest(topic);
  }

  /** The message of that id, if it is a kept one of the topic. */
  public CompletionStage<Optional<Message>> at(Topic topic, Id id) {
    if (!id.epoch().equals(log.epoch())
        || id.partition() != log.partitionOf(topic)
        || id.sequence() < 1) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    ReadRequest next =
        new ReadRequest(
            id.partition(),
            List.of(TopicPattern.of(topic)),
            id.sequence() - 1,
            1,
            READ_BYTES,
            false);
    return log.read(next)
        .thenApply(
            page ->
                page.messages().stream()
                    .filter(message -> message.sequence() == id.sequence())
                    .findFirst());
  }

  /**
   * The newest messages before a place in the log, oldest of them first.
   *
   * @param before of each partition that is not the id's, all is before it that was taken no later
   *     than the id's message
   * @param limit at most so many
   * @return {@link PollResult#next} is the place of the oldest, for the next call; more tells
   *     whether there may be older ones
   */
  public CompletionStage<PollResult> history(List<TopicPattern> topics, Id before, int limit) {
    int partition = before.partition();
    if (!before.epoch().equals(log.epoch()) || !log.partitions().contains(partition)) {
      return CompletableFuture.completedFuture(
          new PollResult(List.of(), before.toCursor(), false, List.of()));
    }
    List<TopicPattern> there =
        topics.stream().filter(t -> log.partitionsOf(t).contains(partition)).toList();
    ReadRequest request =
        new ReadRequest(partition, there, before.sequence(), limit, READ_BYTES, false);
    return log.readBackward(request)
        .thenApply(
            page -> {
              List<Message> messages = page.messages();
              Cursor next =
                  messages.isEmpty()
                      ? before.toCursor()
                      : Id.of(log.epoch(), messages.get(0)).toCursor();
              return new PollResult(messages, next, page.more(), List.of());
            });
  }

  /** Lists topics; see {@link Log#topics}. */
  public CompletionStage<TopicPage> topics(String prefix, String after, int limit) {
    return log.topics(prefix, after, limit);
  }

  /**
   * Who reads a topic, on all nodes, and what the log holds of it. Nodes that do not answer within
   * a second are named.
   */
  public CompletionStage<Inspection> inspect(Topic topic) {
    return log.state(topic)
        .thenCompose(
            state ->
                readership
                    .of(topic, state.map(TopicState::latest).orElse(0L))
                    .thenApply(
                        readers ->
                            new Inspection(
                                topic,
                                readers.nodes(),
                                readers.silent(),
                                state,
                                log.policies().of(topic))));
  }

  /** Moves a consumer up to a place; see {@link Start.Consumer}. Never back. */
  public CompletionStage<Appended> ack(String consumer, Cursor upTo) {
    return consumers.ack(consumer, upTo);
  }

  /** Where a consumer stands; empty if there is none of that name. */
  public CompletionStage<Optional<Cursor>> consumer(String name) {
    return consumers.place(name);
  }

  /** Forgets a consumer. */
  public CompletionStage<Appended> deleteConsumer(String name) {
    return consumers.delete(name);
  }

  /** Figures of this moment. */
  public HubStats stats() {
    long readers = 0;
    long polls = 0;
    long delivered = 0;
    long deadlines = 0;
    for (Shard shard : shards) {
      readers += shard.readers();
      polls += shard.polls();
      delivered += shard.delivered();
      deadlines += shard.deadlines();
    }
    return new HubStats(
        readers,
        polls,
        tails.feedCount(),
        tails.tailBytes(),
        reads.underWay(),
        reads.waiting(),
        deadlines,
        delivered);
  }

  Tails tails() {
    return tails;
  }

  LogReads reads() {
    return reads;
  }

  Starts starts() {
    return starts;
  }

  int pageMessages() {
    return options.pageMessages();
  }

  int pageBytes() {
    return options.pageBytes();
  }

  /**
   * Stops following the log. Readers that are left fail, so doors end theirs first. The log stays
   * open.
   */
  @Override
  public void close() {
    closed = true;
    readership.close();
    tails.close();
    shards.forEach(Shard::close);
    ownLoops.forEach(ScheduledExecutorService::shutdown);
  }
}
