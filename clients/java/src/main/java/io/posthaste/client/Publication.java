package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message to be published: {@code Publication.json("orders/17", "{\"paid\":true}")}. Immutable;
 * the {@code with} and {@code if} methods give others.
 */
public final class Publication {
  private final String topic;
  private final String type;
  private final byte[] payload;
  private final Map<String, String> headers;
  private final @Nullable String key;
  private final @Nullable String match;

  private Publication(
      String topic,
      String type,
      byte[] payload,
      Map<String, String> headers,
      @Nullable String key,
      @Nullable String match) {
    this.topic = requireNonNull(topic, "topic");
    this.type = requireNonNull(type, "type");
    this.payload = payload;
    this.headers = headers;
    this.key = key;
    this.match = match;
  }

  /** Plain text. */
  public static Publication text(String topic, String text) {
    return bytes(topic, "text/plain; charset=utf-8", text.getBytes(UTF_8));
  }

  /** JSON, which is kept and delivered as it is spelt; what is none is refused. */
  public static Publication json(String topic, String json) {
    return bytes(topic, "application/json", json.getBytes(UTF_8));
  }

  /**
   * Any bytes.
   *
   * @param type their Content-Type, such as {@code application/octet-stream}
   */
  public static Publication bytes(String topic, String type, byte[] bytes) {
    return new Publication(topic, type, bytes.clone(), Map.of(), null, null);
  }

  /** With one more header, which readers are given. */
  public Publication withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
    return new Publication(topic, type, payload, Collections.unmodifiableMap(more), key, match);
  }

  /**
   * With a key: a second message under the same topic and key, within 5 minutes at least, is not
   * published, but gets the first one's answer. Without, the client makes one for its own retries.
   */
  public Publication withKey(String key) {
    return new Publication(topic, type, payload, headers, requireNonNull(key, "key"), match);
  }

  /** To be published only if that is still the topic's latest message. */
  public Publication ifLatest(String id) {
    return when(requireNonNull(id, "id"));
  }

  /** To be published only if the topic has a message. */
  public Publication ifPresent() {
    return when("*");
  }

  /** To be published only if the topic has no message, or was deleted. */
  public Publication ifAbsent() {
    return when("none");
  }

  private Publication when(String match) {
    return new Publication(topic, type, payload, headers, key, match);
  }

  /** The topic. */
  public String topic() {
    return topic;
  }

  String type() {
    return type;
  }

  byte[] payload() {
    return payload;
  }

  Map<String, String> headers() {
    return headers;
  }

  @Nullable String key() {
    return key;
  }

  @Nullable String match() {
    return match;
  }

  @Override
  public String toString() {
    return topic + " " + payload.length + " bytes";
  }
}
