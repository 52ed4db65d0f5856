package io.posthaste.server;

import io.posthaste.core.Presence;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.List;

/**
 * What a connection is used for at a moment.
 *
 * @param door by which technique, in a word: {@code poll}, {@code sse}, {@code tcp}
 * @param topics what is read over it; may be a view, to be looked at before the connection does
 *     anything else
 * @param presences who is where by it
 */
public record Use(String door, List<TopicPattern> topics, List<Presence.Who> presences) {
  /** Requests that are answered at once, or nothing yet. */
  public static final Use HTTP = new Use("http", List.of(), List.of());

  /** Both, where one connection is used for several things at once. */
  Use and(Use other) {
    if (this == HTTP || other == HTTP) {
      return this == HTTP ? other : this;
    }
    List<TopicPattern> allTopics = new ArrayList<>(topics);
    allTopics.addAll(other.topics);
    List<Presence.Who> allPresences = new ArrayList<>(presences);
    allPresences.addAll(other.presences);
    return new Use(door.equals(other.door) ? door : HTTP.door, allTopics, allPresences);
  }

  /** Nothing that is known here. */
  static final Use OTHER = new Use("other", List.of(), List.of());
}
