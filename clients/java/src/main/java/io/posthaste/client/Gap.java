package io.posthaste.client;

/** Where messages are missing: they are no longer kept. Immutable. */
public final class Gap {
  private final String topic;
  private final String from;

  Gap(String topic, String from) {
    this.topic = topic;
    this.from = from;
  }

  /** The topic, or a pattern over all that may be meant. */
  public String topic() {
    return topic;
  }

  /** Where messages go on: the id of the oldest that is kept, or a cursor if none is. */
  public String from() {
    return from;
  }

  @Override
  public String toString() {
    return topic + " up to " + from;
  }
}
