package io.posthaste.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Says whether a topic is asked for: plain topics are looked up, only patterns are tried. */
final class Matcher {
  private final Set<String> plain = new HashSet<>();
  private final List<TopicPattern> patterns = new ArrayList<>();

  Matcher(List<TopicPattern> topics) {
    for (TopicPattern pattern : topics) {
      if (pattern.isTopic()) {
        plain.add(pattern.text());
      } else {
        patterns.add(pattern);
      }
    }
  }

  boolean matches(Topic topic) {
    return !plain.isEmpty() && plain.contains(topic.name())
        || TopicPattern.anyMatches(patterns, topic);
  }
}
