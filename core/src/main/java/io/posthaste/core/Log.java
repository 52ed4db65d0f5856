package io.posthaste.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The one log: independently sequenced partitions of messages, each message in one topic, each
 * topic in one partition for ever.
 *
 * <p>The duties of every engine, tested by one contract suite:
 *
 * <ul>
 *   <li><b>Order.</b> A partition's sequences rise strictly. Messages become readable in that
 *       order: who has read up to a sequence never later finds a new message below it.
 *   <li><b>Acknowledgement.</b> {@link Appended.Stored} is answered only when the message survives
 *       the death of the process, and, where the engine says so, the loss of power. Messages in
 *       memory by policy are excepted.
 *   <li><b>Read your writes.</b> What was acknowledged by this object is seen by every read, head
 *       and listing begun afterwards on it.
 *   <li><b>Batches.</b> The outcomes of a batch stand in its order, and its messages of one
 *       partition enter the log in that order. Each is judged for itself: one that is refused does
 *       not stop others. Conditions see what stands before them in the same batch.
 *   <li><b>Keys.</b> A key belongs to a topic, is remembered for at least 5 minutes and, in a
 *       durable partition, across restarts, and is looked at before the condition.
 *   <li><b>Retention.</b> A topic's policy holds within a short while of an append; the newest
 *       message of a topic goes only by age or by the total limit. What is gone is reported as a
 *       {@link Gap} to a cursor that lacks it, needlessly perhaps, never too rarely.
 *   <li><b>Threads.</b> All methods may be called from any thread, none blocks on a disk or a
 *       network. A stage completes on a thread of the engine's, where no caller may block; one that
 *       is complete on return costs nothing.
 * </ul>
 *
 * <p>A stage fails only for broken promises of the machine below ({@link LogException}); every
 * expected outcome is a value.
 */
public interface Log extends AutoCloseable {
  /**
   * The log's identity, which changes when what it held is no longer what it holds: 1 to 32 of
   * {@code 0-9a-z}.
   */
  String epoch();

  /** The partitions, rising. They do not change while the log is open. */
  List<Integer> partitions();

  /** The partition that holds the topic or will when it is published to. */
  int partitionOf(Topic topic);

  /** The partitions in which topics that match may be, rising; one for a plain topic. */
  List<Integer> partitionsOf(TopicPattern topics);

  /** What applies to each topic. */
  Policies policies();

  /**
   * Appends a batch.
   *
   * @return an outcome for each, in order
   */
  CompletionStage<List<Appended>> append(List<Append> batch);

  /** The highest sequence of a partition that is committed and known here; 0 before the first. */
  CompletionStage<Long> head(int partition);

  /**
   * A sequence that the partition has reached, as far as that is known here without asking anybody:
   * never above its head; -1 if the log is closed or cannot tell. Answered at once; for a log in
   * this process, the head.
   */
  default long known(int partition) {
    CompletableFuture<Long> head = head(partition).toCompletableFuture();
    return head.isDone() && !head.isCompletedExceptionally() ? head.join() : -1;
  }

  /** Reads forward: messages above {@link ReadRequest#place}. */
  CompletionStage<Page> read(ReadRequest request);

  /** Reads backward: the newest messages below {@link ReadRequest#place}, given oldest first. */
  CompletionStage<Page> readBackward(ReadRequest request);

  /** The newest message of a topic, tombstones included. */
  CompletionStage<Optional<Message>> latest(Topic topic);

  /** What is held of a topic; empty if nothing is. */
  CompletionStage<Optional<TopicState>> state(Topic topic);

  /**
   * Lists the topics whose names begin with the prefix, tombstones included. The server's own are
   * listed only for a prefix that begins with {@code $}.
   *
   * @param prefix any text, empty for all
   * @param after names beyond this one; empty to begin with the first
   * @param limit at most so many
   */
  CompletionStage<TopicPage> topics(String prefix, String after, int limit);

  /**
   * The place in a partition from which a forward read gives what was taken at that time or later.
   */
  CompletionStage<Long> placeAt(int partition, Instant time);

  /** Has a listener told of commits. It hears nothing until topics are added to its interest. */
  Interest follow(CommitListener listener);

  /** The nodes that have this log open. */
  Nodes nodes();

  /**
   * Why this log cannot serve at the moment, in one line for people; empty if it can. Answered at
   * once, from what is known here.
   */
  default Optional<String> failure() {
    return Optional.empty();
  }

  /** Answers what is under way, writes what is acknowledged, lets go of everything. */
  @Override
  void close();
}
