package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies what one log holds into another, of whatever engines: messages with their topics, times,
 * types, headers and tombstones, in their order, and consumers with their places. The copy has an
 * epoch of its own, so cursors of the first log are answered as missed there.
 *
 * <p>What the other log's policies do not keep does not come along: topics that live in memory,
 * messages that are too large, and whatever goes by count, bytes and age.
 *
 * <p><b>Interruption.</b> After each batch a mark is written into the copy. A copy that finds a
 * mark goes on from there; what its predecessor had appended beyond it is recognised by content and
 * not appended twice. Neither log may be published to until the copy is whole.
 *
 * <p>Blocks the calling thread on both logs. Not thread-safe.
 */
public final class LogCopy {
  private static final long PATIENCE_MILLIS = 60_000;
  private static final long PAUSE_MILLIS = 250;

  /**
   * How far a copy has come.
   *
   * @param messages how many messages are in the copy
   * @param bytes how many bytes of payload these have
   * @param earlier how many of the messages were there when it began
   * @param ofTopics how many topics there are
   * @param ofMessages how many messages there are
   * @param ofBytes how many bytes of payload these have
   */
  public record Progress(
      long messages, long bytes, long earlier, long ofTopics, long ofMessages, long ofBytes) {}

  /**
   * What a copy did not take along, by the other log's policies.
   *
   * @param memoryTopics topics that live in memory there
   * @param memoryMessages messages of these
   * @param largeTopics topics with messages that are too large there
   * @param largeMessages how many are
   */
  public record LeftOut(
      Set<Topic> memoryTopics, long memoryMessages, Set<Topic> largeTopics, long largeMessages) {
    public LeftOut {
      memoryTopics = Set.copyOf(memoryTopics);
      largeTopics = Set.copyOf(largeTopics);
    }
  }

  private final Log from;
  private final Log to;
  private final Consumer<Progress> listener;

  private long topics;
  private long ofMessages;
  private long ofBytes;
  private long messages;
  private long bytes;
  private long earlier;
  private final Set<Topic> memoryTopics = new LinkedHashSet<>();
  private long memoryMessages;
  private final Set<Topic> largeTopics = new LinkedHashSet<>();
  private long largeMessages;
  private long lastMillis;
  private Cursor places;

  /**
   * A copy that is yet to be made. Both logs stay the caller's.
   *
   * @param listener told of progress after each batch, on the thread that copies
   */
  public LogCopy(Log from, Log to, Consumer<Progress> listener) {
    this.from = requireNonNull(from, "from");
    this.to = requireNonNull(to, "to");
    this.listener = requireNonNull(listener, "listener");
    this.places = LogWalk.beginning(to);
  }

  /** Whether a message of that topic is copied by itself; consumers and marks are not. */
  static boolean isCopied(Topic topic) {
    return !topic.name().startsWith(Consumers.PREFIX) && !topic.name().startsWith(CopyMark.PREFIX);
  }

  /**
   * Copies, or goes on with a copy that was interrupted; does nothing if all is there.
   *
   * @throws LogException if a log fails, or the other one holds what no copy of this one appended.
   *     Unless it says otherwise, the copy can be gone on with
   */
  public LeftOut run() {
    count(from, "");
    count(from, "$");
    CopyMark mark = beginning();
    earlier = mark.messages();
    messages = mark.messages();
    bytes = mark.bytes();
    places = mark.target();
    CopiedConsumers consumers = new CopiedConsumers(from, mark.source());
    LogWalk walk = new LogWalk(from, this::isWanted, mark.source());
    List<Message> batch = walk.next();
    Map<Message, @Nullable Id> present =
        CopyWindow.present(
            fitting(batch), new LogWalk(to, LogCopy::isCopied, mark.target()).next(), to.epoch());
    tell();
    while (!batch.isEmpty()) {
      copy(batch, present, consumers);
      mark(walk.through(), consumers);
      present = Map.of();
      batch = walk.next();
    }
    consumers.atTheEnd(places);
    mark(walk.through(), consumers);
    return new LeftOut(memoryTopics, memoryMessages, largeTopics, largeMessages);
  }

  private void count(Log log, String prefix) {
    LogWaits.eachTopic(
        log,
        prefix,
        state -> {
          Topic topic = state.topic();
          if (!isCopied(topic)) {
            return;
          }
          if (!isWanted(topic)) {
            memoryTopics.add(topic);
            memoryMessages += state.count();
            return;
          }
          topics++;
          ofMessages += state.count();
          ofBytes += state.bytes();
        });
  }

  private boolean isWanted(Topic topic) {
    return isCopied(topic) && !to.policies().of(topic).memory();
  }

  /** The mark to go on from; a first one if the other log is empty. */
  private CopyMark beginning() {
    if (from.epoch().equals(to.epoch())) {
      throw new LogException(
          "both logs have the epoch " + to.epoch() + " (expected: two logs, none a plain copy)");
    }
    Optional<CopyMark> found =
        LogWaits.answer(to.latest(CopyMark.topicOf(from.epoch()))).flatMap(CopyMark::of);
    if (found.isPresent()) {
      if (!found.get().target().epoch().equals(to.epoch())) {
        throw new LogException(
            "the log to copy to has another epoch than when the copy was begun (expected: the same"
                + " topics in memory as then; or begin again with an empty log)");
      }
      return found.get();
    }
    for (String prefix : List.of("", "$")) {
      TopicPage page = LogWaits.topics(to, prefix, "");
      if (!page.topics().isEmpty()) {
        throw new LogException(
            "the log to copy to has topics, the first is "
                + page.topics().get(0).topic()
                + " (expected: an empty log, or one that a copy of this very log was begun in)");
      }
    }
    CopyMark first = new CopyMark(LogWalk.beginning(from), LogWaits.heads(to), 0, 0);
    append(List.of(first.toAppend(0)));
    return first;
  }

  private List<Message> fitting(List<Message> batch) {
    return batch.stream().filter(this::fits).toList();
  }

  private boolean fits(Message message) {
    return message.payload().length() <= to.policies().of(message.topic()).maxMessageBytes();
  }

  private void copy(
      List<Message> batch, Map<Message, @Nullable Id> present, CopiedConsumers consumers) {
    List<Append> appends = new ArrayList<>(batch.size());
    for (Message message : batch) {
      if (fits(message) && !present.containsKey(message)) {
        appends.add(Append.copyOf(message));
      }
    }
    Iterator<@Nullable Id> appended = append(appends).iterator();
    for (Message message : batch) {
      consumers.before(message, places);
      lastMillis = Math.max(lastMillis, message.timeMillis());
      boolean wasThere = present.containsKey(message);
      Id id = wasThere ? present.get(message) : fits(message) ? appended.next() : null;
      if (id != null) {
        places = places.with(id.partition(), id.sequence());
      }
      if (id != null || wasThere) {
        messages++;
        bytes += message.payload().length();
      } else {
        tooLarge(message);
      }
    }
  }

  private void tooLarge(Message message) {
    largeTopics.add(message.topic());
    largeMessages++;
    ofMessages--;
    ofBytes -= message.payload().length();
  }

  private void mark(Cursor source, CopiedConsumers consumers) {
    List<Append> settled = consumers.takeSettled();
    if (!settled.isEmpty()) {
      append(settled.stream().map(append -> append.withTime(lastMillis)).toList());
    }
    append(List.of(new CopyMark(source, LogWaits.heads(to), messages, bytes).toAppend(lastMillis)));
    tell();
  }

  private void tell() {
    listener.accept(new Progress(messages, bytes, earlier, topics, ofMessages, ofBytes));
  }

  /** Appends all, in order; the id of each, null if it was too large. */
  private List<@Nullable Id> append(List<Append> batch) {
    List<@Nullable Id> ids = new ArrayList<>();
    long patientUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    while (ids.size() < batch.size()) {
      List<Append> rest = batch.subList(ids.size(), batch.size());
      List<Appended> outcomes = LogWaits.answer(to.append(rest));
      int taken = 0;
      while (taken < outcomes.size() && !(outcomes.get(taken) instanceof Appended.Unavailable)) {
        ids.add(idOf(outcomes.get(taken)));
        taken++;
      }
      if (taken < outcomes.size()) {
        String reason = ((Appended.Unavailable) outcomes.get(taken)).reason();
        requireNoneTaken(outcomes.subList(taken, outcomes.size()), reason);
        pause(patientUntil, reason);
      }
    }
    return ids;
  }

  private static @Nullable Id idOf(Appended outcome) {
    if (outcome instanceof Appended.Stored stored) {
      return stored.id();
    }
    if (outcome instanceof Appended.TooLarge) {
      return null; // an engine may allow less than the policy
    }
    throw new LogException("an append without key or condition was answered by " + outcome);
  }

  /** What follows a message that was not taken must not have been taken either. */
  private static void requireNoneTaken(List<Appended> outcomes, String reason) {
    for (Appended outcome : outcomes) {
      if (!(outcome instanceof Appended.Unavailable)) {
        throw new LogException(
            "the log took the end of a batch and not its middle (expected: begin again with an"
                + " empty log): "
                + reason);
      }
    }
  }

  private static void pause(long untilNanos, String reason) {
    if (System.nanoTime() - untilNanos > 0) {
      throw new LogException("the log takes nothing: " + reason);
    }
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogException("interrupted", e);
    }
  }
}
