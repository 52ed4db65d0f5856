package io.posthaste.door.tcp;

import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which topics the readers of a connection have: a topic belongs to one of them at most. */
final class TopicClaims {
  private final Set<String> topics = new HashSet<>(4);
  private final List<TopicPattern> patterns = new ArrayList<>(0);

  /** Claims all of them, or none and tells one that stands in the way. */
  @Nullable String claim(List<TopicPattern> wanted) {
    for (TopicPattern each : wanted) {
      String taken = taken(each);
      if (taken != null) {
        return taken;
      }
    }
    for (TopicPattern each : wanted) {
      if (each.isTopic()) {
        topics.add(each.text());
      } else {
        patterns.add(each);
      }
    }
    return null;
  }

  private @Nullable String taken(TopicPattern wanted) {
    for (TopicPattern pattern : patterns) {
      if (pattern.overlaps(wanted)) {
        return pattern.text();
      }
    }
    if (wanted.isTopic()) {
      return topics.contains(wanted.text()) ? wanted.text() : null;
    }
    for (String topic : topics) {
      if (wanted.overlaps(new TopicPattern(topic))) {
        return topic;
      }
    }
    return null;
  }

  /** Gives the topics of a reader back. */
  void release(List<TopicPattern> given) {
    for (TopicPattern each : given) {
      if (each.isTopic()) {
        topics.remove(each.text());
      } else {
        patterns.remove(each);
      }
    }
  }
}
