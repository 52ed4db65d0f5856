package io.posthaste.core;

import java.util.List;

/**
 * Topics in the order of their names, by the bytes of UTF-8.
 *
 * @param topics what the log holds of each; a deleted topic is listed until its tombstone is no
 *     longer kept
 * @param more whether there are further ones
 */
public record TopicPage(List<TopicState> topics, boolean more) {
  public TopicPage {
    topics = List.copyOf(topics);
  }
}
