package io.posthaste.core;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Named cursors that the server remembers. Each is the latest message of a topic of its own, so it
 * is as durable and as widely known as any message.
 */
final class Consumers {
  /** What the topics of consumers begin with. */
  static final String PREFIX = "$consumers/";

  static final String TYPE = "text/plain";
  private static final int MAX_TRIES = 100;

  private static final System.Logger LOGGER = System.getLogger(Consumers.class.getName());

  private final Log log;

  Consumers(Log log) {
    this.log = log;
  }

  /**
   * The topic in which a consumer's cursor is kept.
   *
   * @throws MalformedException if the name is not one
   */
  static Topic topicOf(String name) {
    if (name.isEmpty()) {
      throw new MalformedException("consumer: empty (expected: a name of 1 or more characters)");
    }
    return new Topic(PREFIX + name);
  }

  /** Where the consumer stands; empty if there is none of that name. */
  CompletableFuture<Optional<Cursor>> place(String name) {
    return log.latest(topicOf(name))
        .toCompletableFuture()
        .thenApply(latest -> latest.flatMap(Consumers::cursorOf));
  }

  /** Makes a consumer; answers where it stands, which is elsewhere if somebody else was quicker. */
  CompletableFuture<Cursor> create(String name, Cursor at) {
    return store(name, at, Condition.ABSENT)
        .thenCompose(
            stored -> {
              if (stored instanceof Appended.Stored) {
                return CompletableFuture.completedFuture(at);
              }
              return place(name)
                  .thenCompose(
                      place ->
                          place.isPresent()
                              ? CompletableFuture.completedFuture(place.get())
                              : ack(name, at).thenApply(moved -> at));
            });
  }

  /**
   * Moves the consumer up to that place in each partition that the cursor speaks of; never back. A
   * place in another log than this one (of another epoch) gives way to any, and moves none that is
   * of this one.
   */
  CompletableFuture<Appended> ack(String name, Cursor upTo) {
    return ack(name, upTo, MAX_TRIES);
  }

  private CompletableFuture<Appended> ack(String name, Cursor upTo, int tries) {
    return log.latest(topicOf(name))
        .toCompletableFuture()
        .thenCompose(
            latest -> {
              Optional<Cursor> before = latest.flatMap(Consumers::cursorOf);
              Cursor moved = before.map(place -> later(place, upTo)).orElse(upTo);
              if (latest.isPresent() && before.isPresent() && moved.equals(before.get())) {
                Message kept = latest.get();
                Id id = Id.of(log.epoch(), kept);
                return CompletableFuture.completedFuture(
                    new Appended.Stored(id, kept.timeMillis(), true));
              }
              Condition unchanged =
                  latest.isPresent()
                      ? new Condition.LatestIs(Id.of(log.epoch(), latest.get()))
                      : Condition.ABSENT;
              return store(name, moved, unchanged)
                  .thenCompose(
                      stored ->
                          stored instanceof Appended.ConditionFailed && tries > 1
                              ? ack(name, upTo, tries - 1)
                              : CompletableFuture.completedFuture(stored));
            });
  }

  /** Forgets the consumer. */
  CompletableFuture<Appended> delete(String name) {
    return append(Append.tombstone(topicOf(name)));
  }

  private CompletableFuture<Appended> store(String name, Cursor at, Condition condition) {
    return append(Append.of(topicOf(name), TYPE, Payload.of(at.toString())).when(condition));
  }

  private CompletableFuture<Appended> append(Append append) {
    return log.append(List.of(append)).toCompletableFuture().thenApply(outcomes -> outcomes.get(0));
  }

  /** Empty for what is no cursor too: only the log itself can hold such, and an ack mends it. */
  private static Optional<Cursor> cursorOf(Message message) {
    if (message.deleted()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Cursor.parse(message.payload().utf8()));
    } catch (MalformedException e) {
      LOGGER.log(
          System.Logger.Level.WARNING, "no cursor, taken for none topic={0}", message.topic());
      return Optional.empty();
    }
  }

  private Cursor later(Cursor place, Cursor upTo) {
    if (!place.epoch().equals(upTo.epoch())) {
      // Places of two logs have no order; the one of this log is worth more.
      return place.epoch().equals(log.epoch()) ? place : upTo;
    }
    Cursor later = place;
    for (int i = 0; i < upTo.size(); i++) {
      int partition = upTo.partition(i);
      if (upTo.sequence(i) > place.sequenceIn(partition, -1)) {
        later = later.with(partition, upTo.sequence(i));
      }
    }
    return later;
  }
}
