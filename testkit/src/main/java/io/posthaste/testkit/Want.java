package io.posthaste.testkit;

import java.util.List;

/**
 * What a client of a door asks for.
 *
 * @param topics topics and patterns, with {@code +} and {@code #}
 * @param after a cursor; {@code 0} for all that is kept; empty for what comes from now on
 * @param onlyLatest whether only the newest of each topic counts
 */
public record Want(List<String> topics, String after, boolean onlyLatest) {
  public Want {
    topics = List.copyOf(topics);
  }

  /** What comes from now on. */
  public static Want of(String... topics) {
    return new Want(List.of(topics), "", false);
  }

  /** The same from a place on. */
  public Want after(String after) {
    return new Want(topics, after, onlyLatest);
  }

  /** The same, only the newest of each topic. */
  public Want latest() {
    return new Want(topics, after, true);
  }
}
