package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What nodes answered.
 *
 * @param given the answers, in the order of the nodes' names
 * @param silent nodes that are known to be there and gave none, and why, in one line for people
 */
public record NodeAnswers(List<Answer> given, Map<String, String> silent) {
  /**
   * One node's answer.
   *
   * @param node its name
   * @param payload what it said
   */
  public record Answer(String node, Payload payload) {
    public Answer {
      requireNonNull(node, "node");
      requireNonNull(payload, "payload");
    }
  }

  public NodeAnswers {
    given = List.copyOf(given);
    silent = Collections.unmodifiableMap(new TreeMap<>(silent));
  }
}
