package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A topic's latest message, as its value: what it says, not when it was said. Immutable. */
public final class Value {
  private final String topic;
  private final String id;
  private final @Nullable String type;
  private final byte[] payload;
  private final boolean deleted;

  private Value(String topic, String id, @Nullable String type, byte[] payload, boolean deleted) {
    this.topic = topic;
    this.id = id;
    this.type = type;
    this.payload = payload;
    this.deleted = deleted;
  }

  static Value of(String topic, String id, @Nullable String type, byte[] payload) {
    return new Value(topic, id, type, payload, false);
  }

  static Value deleted(String topic, String id) {
    return new Value(topic, id, null, new byte[0], true);
  }

  /** The topic. */
  public String topic() {
    return topic;
  }

  /** The message's id: what {@link Posthaste#awaitChange} waits from. */
  public String id() {
    return id;
  }

  /** Its Content-Type, if it has one. */
  public Optional<String> type() {
    return Optional.ofNullable(type);
  }

  /** The payload as UTF-8; empty if the topic was deleted. */
  public String text() {
    return new String(payload, UTF_8);
  }

  /** The payload, a copy; empty if the topic was deleted. */
  public byte[] bytes() {
    return payload.clone();
  }

  /** Whether the topic was deleted; only {@link Posthaste#awaitChange} gives such a value. */
  public boolean isDeleted() {
    return deleted;
  }

  @Override
  public String toString() {
    return topic + " " + id + (deleted ? " deleted" : " " + payload.length + " bytes");
  }
}
