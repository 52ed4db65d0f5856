package io.posthaste.door.web;

import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which topics the readers of one connection have: a topic belongs to at most one of them, so that
 * a message's topic tells whose it is. Looking for a plain topic among plain ones costs the same
 * however many there are; wildcards are compared one by one.
 */
final class TopicClaims {
  private final Set<String> plain = new HashSet<>();
  private final List<TopicPattern> wildcards = new ArrayList<>(0);

  /**
   * Takes the topics, all or none.
   *
   * @return null, or the pattern of another reader that one of them would share topics with
   */
  @Nullable String claim(List<TopicPattern> topics) {
    for (TopicPattern topic : topics) {
      String taken = taken(topic);
      if (taken != null) {
        return taken;
      }
    }
    for (TopicPattern topic : topics) {
      if (topic.isTopic()) {
        plain.add(topic.text());
      } else {
        wildcards.add(topic);
      }
    }
    return null;
  }

  private @Nullable String taken(TopicPattern topic) {
    for (TopicPattern wildcard : wildcards) {
      if (wildcard.overlaps(topic)) {
        return wildcard.text();
      }
    }
    if (topic.isTopic()) {
      return plain.contains(topic.text()) ? topic.text() : null;
    }
    for (String other : plain) {
      if (topic.overlaps(new TopicPattern(other))) {
        return other;
      }
    }
    return null;
  }

  /** Gives the topics of a reader back. */
  void release(List<TopicPattern> topics) {
    for (TopicPattern topic : topics) {
      if (topic.isTopic()) {
        plain.remove(topic.text());
      } else {
        wildcards.remove(topic);
      }
    }
  }
}
