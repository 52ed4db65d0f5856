package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher asks the log to append.
 *
 * @param topic where
 * @param type Content-Type, empty for none
 * @param headers the message's own headers
 * @param payload the bytes
 * @param deleted whether to write a tombstone
 * @param condition what must be true of the topic's latest message
 * @param key makes a retry harmless: a second append with the same topic and key, within 5 minutes
 *     at least, answers what the first did; null for none
 * @param timeMillis when another log took it, in milliseconds since 1970, if it is copied from
 *     there: kept, but that the times of a partition never fall, so it is raised to that of the
 *     newest message before it. {@link #NOW} for when this log takes it
 */
public record Append(
    Topic topic,
    String type,
    Map<String, String> headers,
    Payload payload,
    boolean deleted,
    Condition condition,
    @Nullable String key,
    long timeMillis) {
  /** As {@link #timeMillis}: when this log takes it. */
  public static final long NOW = -1;

  /** The longest idempotency key, in characters. */
  public static final int MAX_KEY_CHARS = 256;

  public Append {
    requireNonNull(topic, "topic");
    requireNonNull(type, "type");
    requireNonNull(payload, "payload");
    requireNonNull(condition, "condition");
    headers = HeaderMap.copyOf(headers);
    if (key != null && (key.isEmpty() || key.length() > MAX_KEY_CHARS)) {
      throw new MalformedException(
          "idempotency key: "
              + key.length()
              + " characters (expected: 1 to "
              + MAX_KEY_CHARS
              + ")");
    }
    if (timeMillis < NOW || timeMillis != NOW && key != null) {
      throw new IllegalArgumentException(
          "append: time " + timeMillis + " (expected: 0 or above and no key, or NOW)");
    }
  }

  /** What is taken now. */
  public Append(
      Topic topic,
      String type,
      Map<String, String> headers,
      Payload payload,
      boolean deleted,
      Condition condition,
      @Nullable String key) {
    this(topic, type, headers, payload, deleted, condition, key, NOW);
  }

  /** A message without headers, condition or key. */
  public static Append of(Topic topic, String type, Payload payload) {
    return new Append(topic, type, Map.of(), payload, false, Condition.ANY, null);
  }

  /** The same, only if the condition holds. */
  public Append when(Condition condition) {
    return new Append(topic, type, headers, payload, deleted, condition, key, timeMillis);
  }

  /** The same, harmless to retry. */
  public Append withKey(@Nullable String key) {
    return new Append(topic, type, headers, payload, deleted, condition, key, timeMillis);
  }

  /** The same with these headers. */
  public Append withHeaders(Map<String, String> headers) {
    return new Append(topic, type, headers, payload, deleted, condition, key, timeMillis);
  }

  /** The same, as another log took it at that time; see {@link #timeMillis}. */
  public Append withTime(long timeMillis) {
    return new Append(topic, type, headers, payload, deleted, condition, key, timeMillis);
  }

  /** A message of another log as it stands there, with its time. */
  public static Append copyOf(Message message) {
    return new Append(
        message.topic(),
        message.type(),
        message.headers(),
        message.payload(),
        message.deleted(),
        Condition.ANY,
        null,
        Math.max(0, message.timeMillis()));
  }

  /** A tombstone, written only if the topic has a latest message that is none itself. */
  public static Append tombstone(Topic topic) {
    return new Append(topic, "", Map.of(), Payload.EMPTY, true, Condition.PRESENT, null);
  }

  /**
   * A digest of what is published, by which an engine tells a retry from another body under the
   * same key: of the payload, the type, and whether it is a tombstone. Headers are left out, as
   * those that trace a request differ from try to try.
   */
  public long bodyDigest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((byte) (deleted ? 1 : 0));
      digest.update(type.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(payload.asByteBuffer());
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
