package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A look at one topic.
 *
 * @param topic the topic
 * @param nodes who reads it on each node that answered, in the order of their names
 * @param silent nodes that did not, and why
 * @param state what the log holds; empty if nothing
 * @param policy what applies
 */
public record Inspection(
    Topic topic,
    List<NodeReaders> nodes,
    Map<String, String> silent,
    Optional<TopicState> state,
    Policy policy) {
  /**
   * A topic's readers on one node.
   *
   * @param node its name
   * @param readers how many would be told of the topic's next message, held polls included
   * @param behind how many of them have not yet been given its latest message
   * @param slowest where the slowest of those stands, a sequence; 0 if none is behind
   */
  public record NodeReaders(String node, long readers, long behind, long slowest) {
    public NodeReaders {
      requireNonNull(node, "node");
    }
  }

  public Inspection {
    requireNonNull(topic, "topic");
    requireNonNull(policy, "policy");
    nodes = List.copyOf(nodes);
    silent = Collections.unmodifiableMap(new TreeMap<>(silent));
  }

  /** How many readers there are on all nodes that answered. */
  public long readers() {
    return nodes.stream().mapToLong(NodeReaders::readers).sum();
  }

  /** How many of them have not yet been given the latest message. */
  public long behind() {
    return nodes.stream().mapToLong(NodeReaders::behind).sum();
  }

  /** Where the slowest of those stands, a sequence; 0 if none is behind. */
  public long slowest() {
    return nodes.stream()
        .filter(node -> node.behind() > 0)
        .mapToLong(NodeReaders::slowest)
        .min()
        .orElse(0);
  }
}
