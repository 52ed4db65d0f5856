package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashSet;
import java.util.List;

/**
 * What a reader reads.
 *
 * @param topics topics and patterns, 1 to 10,000; what several match is told once
 * @param start where to begin
 * @param onlyLatest whether to skip to the newest message of each topic whenever the reader is
 *     behind
 */
public record Subscription(List<TopicPattern> topics, Start start, boolean onlyLatest) {
  /** The most topics and patterns that one reader may have. */
  public static final int MAX_TOPICS = 10_000;

  public Subscription {
    requireNonNull(start, "start");
    if (topics.isEmpty() || topics.size() > MAX_TOPICS) {
      throw new MalformedException(
          "topics: " + topics.size() + " (expected: 1 to " + MAX_TOPICS + ")");
    }
    topics = topics.size() == 1 ? List.of(topics.get(0)) : List.copyOf(new LinkedHashSet<>(topics));
  }

  /** All new messages of one topic or pattern. */
  public static Subscription to(TopicPattern topics, Start start) {
    return new Subscription(List.of(topics), start, false);
  }
}
