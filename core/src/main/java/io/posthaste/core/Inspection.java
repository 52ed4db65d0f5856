package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A look at one topic.
 *
 * @param topic the topic
 * @param readers how many readers on this node would be told of its next message, held polls
 *     included
 * @param behind how many of them have not yet been given its latest message
 * @param slowest where the slowest of those stands, a sequence; 0 if none is behind
 * @param state what the log holds; empty if nothing
 * @param policy what applies
 */
public record Inspection(
    Topic topic,
    int readers,
    long behind,
    long slowest,
    Optional<TopicState> state,
    Policy policy) {
  public Inspection {
    requireNonNull(topic, "topic");
    requireNonNull(policy, "policy");
  }
}
