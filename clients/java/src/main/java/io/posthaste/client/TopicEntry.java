package io.posthaste.client;

/** A topic that has messages, as it is listed. Immutable. */
public final class TopicEntry {
  private final String topic;
  private final String id;

  TopicEntry(String topic, String id) {
    this.topic = topic;
    this.id = id;
  }

  /** The topic. */
  public String topic() {
    return topic;
  }

  /** Its latest message's id. */
  public String id() {
    return id;
  }

  @Override
  public String toString() {
    return topic + " " + id;
  }
}
