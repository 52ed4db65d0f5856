package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Asks for messages of one partition, in log order.
 *
 * @param partition which part of the log
 * @param topics topics and patterns; a message that several match comes once
 * @param place for a forward read, sequences above it; for a backward read, sequences below it
 * @param maxMessages at most so many messages, 1 or more
 * @param maxBytes stop once the page weighs this much; the first message comes whatever its size
 * @param onlyLatest of each topic only the newest message, and nothing is reported as a gap
 */
public record ReadRequest(
    int partition,
    List<TopicPattern> topics,
    long place,
    int maxMessages,
    int maxBytes,
    boolean onlyLatest) {
  public ReadRequest {
    requireNonNull(topics, "topics");
    if (maxMessages < 1 || maxBytes < 1) {
      throw new IllegalArgumentException(
          "page: " + maxMessages + " messages, " + maxBytes + " bytes (expected: 1 or more)");
    }
  }
}
