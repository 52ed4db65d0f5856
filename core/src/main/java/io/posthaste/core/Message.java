package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * One entry of the log.
 *
 * @param topic what it was published under
 * @param partition the part of the log that holds it
 * @param sequence its place in the partition, above 0
 * @param previous the sequence of the topic's message before it, {@link #NONE} if it is the topic's
 *     first, {@link #UNKNOWN} where the engine cannot tell
 * @param timeMillis when the accepting node took it, in milliseconds since 1970; for people, not an
 *     order
 * @param type its Content-Type, empty if none was given
 * @param headers what the publisher added, in the publisher's order
 * @param payload its bytes, empty for a tombstone
 * @param deleted whether it is a tombstone: it says that the topic was deleted
 */
public record Message(
    Topic topic,
    int partition,
    long sequence,
    long previous,
    long timeMillis,
    String type,
    Map<String, String> headers,
    Payload payload,
    boolean deleted) {
  /** As {@link #previous}: the topic had no message before. */
  public static final long NONE = 0;

  /** As {@link #previous}: not known. */
  public static final long UNKNOWN = -1;

  /**
   * Bytes that a message is taken to occupy beyond its texts and payload, where memory is counted.
   */
  private static final int OVERHEAD_BYTES = 128;

  public Message {
    requireNonNull(topic, "topic");
    requireNonNull(type, "type");
    requireNonNull(payload, "payload");
    headers = HeaderMap.copyOf(headers);
    if (sequence <= 0) {
      throw new IllegalArgumentException("sequence: " + sequence + " (expected: above 0)");
    }
  }

  /** About how many bytes of memory the message occupies. */
  public int weight() {
    int weight = OVERHEAD_BYTES + payload.length() + topic.name().length() + type.length();
    for (Map.Entry<String, String> header : headers.entrySet()) {
      weight += header.getKey().length() + header.getValue().length();
    }
    return weight;
  }
}
