package io.posthaste.client;

import java.time.Instant;

/** A message that was taken: it is on disk, and will be heard. Immutable. */
public final class Published {
  private final String topic;
  private final String id;
  private final Instant at;

  Published(String topic, String id, Instant at) {
    this.topic = topic;
    this.id = id;
    this.at = at;
  }

  /** What it was published under. */
  public String topic() {
    return topic;
  }

  /** Its place in the log, opaque; also a cursor: {@link Reading#after} it comes what follows. */
  public String id() {
    return id;
  }

  /** When the server took it; for people, not an order. */
  public Instant at() {
    return at;
  }

  @Override
  public String toString() {
    return topic + " " + id;
  }
}
