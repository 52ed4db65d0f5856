package io.posthaste.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which topics the readers of one connection have: a topic belongs to at most one of them, so that
 * a message's topic tells whose it is. They are kept in the order of what they begin with before
 * any wildcard; only those can share a topic of which one begins with the other. Not safe for use
 * by several threads: a connection's belong to its shard.
 */
public final class TopicClaims {
  /** How many pairs one claim may make us compare: some 20 ms. */
  private static final int MOST_COMPARISONS = 200_000;

  private static final char LAST = '\uffff';

  private final int most;
  private final TreeMap<String, List<TopicPattern>> byPrefix = new TreeMap<>();
  private int size;
  private int comparisons;

  /**
   * Nothing is claimed yet.
   *
   * @param most how many topics and patterns one connection may have
   */
  public TopicClaims(int most) {
    this.most = most;
  }

  /**
   * Takes the topics, all or none.
   *
   * @return null, or the pattern of another reader that one of them would share topics with
   * @throws MalformedException if they are too many, or too many of them begin alike
   */
  public @Nullable String claim(List<TopicPattern> topics) {
    if (size + topics.size() > most) {
      throw new MalformedException(
          "topics: this connection has " + size + " (expected: at most " + most + " in all)");
    }
    comparisons = 0;
    for (TopicPattern topic : topics) {
      String taken = taken(topic);
      if (taken != null) {
        return taken;
      }
    }
    for (TopicPattern topic : topics) {
      // Most begin like no other, and a list of one is as small as a list can be.
      byPrefix.merge(topic.prefix(), List.of(topic), TopicClaims::joined);
    }
    size += topics.size();
    return null;
  }

  private static List<TopicPattern> joined(List<TopicPattern> some, List<TopicPattern> more) {
    List<TopicPattern> all = some.size() == 1 ? new ArrayList<>(some) : some;
    all.addAll(more);
    return all;
  }

  private @Nullable String taken(TopicPattern topic) {
    String prefix = topic.prefix();
    for (int end = 0; end < prefix.length(); end++) {
      // A prefix ends before or behind a slash, or is empty.
      boolean mayEnd = end == 0 || prefix.charAt(end) == '/' || prefix.charAt(end - 1) == '/';
      List<TopicPattern> shorter = mayEnd ? byPrefix.get(prefix.substring(0, end)) : null;
      String taken = shorter == null ? null : among(List.of(shorter), topic);
      if (taken != null) {
        return taken;
      }
    }
    if (topic.isTopic()) {
      List<TopicPattern> same = byPrefix.get(prefix);
      return same == null ? null : among(List.of(same), topic);
    }
    SortedMap<String, List<TopicPattern>> longer = byPrefix.subMap(prefix, prefix + LAST);
    return among(longer.values(), topic);
  }

  private @Nullable String among(Collection<List<TopicPattern>> others, TopicPattern topic) {
    for (List<TopicPattern> some : others) {
      for (TopicPattern other : some) {
        if (++comparisons > MOST_COMPARISONS) {
          throw new MalformedException(
              "topics: too many patterns that begin alike (expected: fewer, or more connections)");
        }
        if (other.overlaps(topic)) {
          return other.text();
        }
      }
    }
    return null;
  }

  /** Gives back topics that were claimed together. */
  public void release(List<TopicPattern> topics) {
    for (TopicPattern topic : topics) {
      byPrefix.computeIfPresent(
          topic.prefix(),
          (prefix, some) -> {
            if (some.size() == 1) {
              return null;
            }
            some.remove(topic);
            return some;
          });
    }
    size -= topics.size();
  }
}
