package io.posthaste.core;

import static java.util.Objects.requireNonNull;

/**
 * What the log holds of a topic.
 *
 * @param topic the topic
 * @param partition the part of the log that it is in
 * @param oldest sequence of the oldest message kept
 * @param latest sequence of the newest message
 * @param count how many messages are kept
 * @param bytes how many bytes of payload they have; {@link #UNKNOWN} where an engine would have to
 *     read too much to tell, as of long topics in a list
 * @param deleted whether the newest is a tombstone
 */
public record TopicState(
    Topic topic, int partition, long oldest, long latest, long count, long bytes, boolean deleted) {
  /** As {@link #bytes}: not counted. */
  public static final long UNKNOWN = -1;

  public TopicState {
    requireNonNull(topic, "topic");
  }
}
