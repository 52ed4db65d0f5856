package io.posthaste.core;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A pattern on the first line and a topic on the second: taken or refused, and matched as the few
 * lines here say that they must be.
 */
public final class PatternTarget {
  private PatternTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    String[] lines = new String(input, StandardCharsets.UTF_8).split("\n", 2);
    if (lines.length < 2) {
      return;
    }
    try {
      TopicPattern pattern = TopicPattern.ofUrl(lines[0]);
      Topic topic = new Topic(lines[1]);
      boolean expected = matches(pattern.text(), topic.name());
      if (pattern.matches(topic) != expected) {
        throw new AssertionError(pattern + " and " + topic + " (expected: " + expected + ")");
      }
      if (pattern.covers(TopicPattern.of(topic)) != expected) {
        throw new AssertionError(pattern + " covers " + topic + " (expected: " + expected + ")");
      }
    } catch (MalformedException e) {
      PlaceTarget.refusal(e);
    }
  }

  private static boolean matches(String pattern, String topic) {
    if (topic.startsWith("$") != pattern.startsWith("$")) {
      return false;
    }
    List<String> wanted = List.of(pattern.split("/", -1));
    List<String> there = List.of(topic.split("/", -1));
    for (int i = 0; i < wanted.size(); i++) {
      String segment = wanted.get(i);
      if (segment.equals("#")) {
        return true;
      }
      if (i >= there.size() || !segment.equals("+") && !segment.equals(there.get(i))) {
        return false;
      }
    }
    return wanted.size() == there.size();
  }
}
