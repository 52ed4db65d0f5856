package io.posthaste.client;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to read and where to begin: {@code Reading.of("news/#").last(10)}. Topics, or patterns in
 * which a segment may be {@code +} (any one) or the last {@code #} (any rest). Without a beginning
 * it is what is published from now on. Immutable; of several beginnings the last one said counts.
 */
public final class Reading {
  private static final int MAX_LAST = 1_000;

  private final List<String> topics;
  private final Beginning beginning;
  private final String from;
  private final boolean onlyLatest;
  private final int limit;

  /** The ways to begin, each with the query parameter that says so. */
  enum Beginning {
    NOW(""),
    AFTER("after"),
    LAST("last"),
    CONSUMER("consumer"),
    BEFORE("before");

    final String parameter;

    Beginning(String parameter) {
      this.parameter = parameter;
    }
  }

  private Reading(
      List<String> topics, Beginning beginning, String from, boolean onlyLatest, int limit) {
    this.topics = topics;
    this.beginning = beginning;
    this.from = from;
    this.onlyLatest = onlyLatest;
    this.limit = limit;
  }

  /** Topics and patterns, read together in log order. */
  public static Reading of(String... topics) {
    return of(Arrays.asList(topics));
  }

  /** Topics and patterns, read together in log order. */
  public static Reading of(List<String> topics) {
    if (topics.isEmpty()) {
      throw new IllegalArgumentException("topics: none (expected: at least one)");
    }
    return new Reading(List.copyOf(topics), Beginning.NOW, "", false, 100);
  }

  /** What follows a cursor or an id, of whatever technique and client. */
  public Reading after(String cursor) {
    return from(Beginning.AFTER, requireNonNull(cursor, "cursor"));
  }

  /** All that is kept, then what comes. */
  public Reading fromTheBeginning() {
    return from(Beginning.AFTER, "0");
  }

  /** What was published since then, then what comes. */
  public Reading since(Instant time) {
    return from(Beginning.AFTER, "@" + time);
  }

  /** The newest so many, oldest of them first, then what comes; 1 to 1,000. */
  public Reading last(int count) {
    if (count < 1 || count > MAX_LAST) {
      throw new IllegalArgumentException("last: " + count + " (expected: 1 to 1,000)");
    }
    return from(Beginning.LAST, Integer.toString(count));
  }

  /**
   * From where that consumer stands; one that is not known yet is made, and begins now. Reading
   * does not move it, {@link Posthaste#acknowledge} does.
   */
  public Reading consumer(String name) {
    return from(Beginning.CONSUMER, requireNonNull(name, "name"));
  }

  /** The newest before a message, backwards page by page. Only for {@link Posthaste#poll}. */
  public Reading before(String id) {
    return from(Beginning.BEFORE, requireNonNull(id, "id"));
  }

  /** Skips to the newest message of each topic whenever behind; then nothing is ever missed. */
  public Reading onlyLatest() {
    return new Reading(topics, beginning, from, true, limit);
  }

  /** The most messages that a page may have, 1 to 1,000; 100 unless said. */
  public Reading limit(int messages) {
    if (messages < 1 || messages > MAX_LAST) {
      throw new IllegalArgumentException("limit: " + messages + " (expected: 1 to 1,000)");
    }
    return new Reading(topics, beginning, from, onlyLatest, messages);
  }

  private Reading from(Beginning beginning, String from) {
    return new Reading(topics, beginning, from, onlyLatest, limit);
  }

  List<String> topics() {
    return topics;
  }

  Beginning beginning() {
    return beginning;
  }

  /** The cursor, count, name or id that belongs to the beginning. */
  String from() {
    return from;
  }

  boolean isOnlyLatest() {
    return onlyLatest;
  }

  /** Whether only one topic is read, so that a message's id is a place of the whole. */
  boolean isOneTopic() {
    String only = topics.get(0);
    return topics.size() == 1 && !only.matches(".*[+#*].*");
  }

  /** Where it goes on, if that is known without asking. */
  @Nullable String cursor() {
    return beginning == Beginning.AFTER ? from : null;
  }

  /** The path and query of this at {@code /v1/updates}; {@code limit} is for polls. */
  String path(boolean poll) {
    StringBuilder path = new StringBuilder("/v1/updates");
    char separator = '?';
    for (String topic : topics) {
      path.append(separator).append("topic=").append(Paths.encode(topic));
      separator = '&';
    }
    if (beginning != Beginning.NOW) {
      path.append('&').append(beginning.parameter).append('=').append(Paths.encode(from));
    }
    if (onlyLatest && beginning != Beginning.BEFORE) {
      path.append("&only=latest");
    }
    if (poll) {
      path.append("&limit=").append(limit);
    }
    return path.toString();
  }

  @Override
  public String toString() {
    return path(false);
  }
}
