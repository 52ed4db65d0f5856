package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message of the log. Immutable. */
public final class Message {
  private final String topic;
  private final String id;
  private final Instant at;
  private final @Nullable String type;
  private final Map<String, String> headers;
  private final byte[] payload;
  private final boolean deleted;

  Message(
      String topic,
      String id,
      Instant at,
      @Nullable String type,
      Map<String, String> headers,
      byte[] payload,
      boolean deleted) {
    this.topic = topic;
    this.id = id;
    this.at = at;
    this.type = type;
    this.headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    this.payload = payload;
    this.deleted = deleted;
  }

  /** What it was published under. */
  public String topic() {
    return topic;
  }

  /** Its place in the log, opaque; a cursor for a reader of this one topic. */
  public String id() {
    return id;
  }

  /** When the server took it; for people, not an order. */
  public Instant at() {
    return at;
  }

  /** Its Content-Type, if it has one. */
  public Optional<String> type() {
    return Optional.ofNullable(type);
  }

  /** Its own headers, in their order. */
  public Map<String, String> headers() {
    return headers;
  }

  /** The payload as UTF-8: text, or JSON in the spelling in which it was published. */
  public String text() {
    return new String(payload, UTF_8);
  }

  /** The payload, a copy. */
  public byte[] bytes() {
    return payload.clone();
  }

  /** Whether this says that the topic was deleted; then it has no payload. */
  public boolean isDeleted() {
    return deleted;
  }

  @Override
  public String toString() {
    return topic + " " + id + (deleted ? " deleted" : " " + payload.length + " bytes");
  }
}
