package io.posthaste.engine.jetstream;

import io.nats.client.impl.Headers;
import io.posthaste.core.Append;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a message stands in a stream: its payload is the payload, and what else it has stands in
 * headers, as text that is form-encoded where it might not be ASCII.
 *
 * <pre>
 *   Posthaste-Time: 1795341600000        when the accepting node took it
 *   Posthaste-Type: text%2Fplain         Content-Type, if any
 *   Posthaste-Headers: a=1&amp;b=2          the publisher's, in order, if any
 *   Posthaste-Deleted: true              a tombstone
 *   Posthaste-Digest: 9f86d081884c7d65   of what was published under an idempotency key
 * </pre>
 */
final class Codec {
  static final String TIME = "Posthaste-Time";
  static final String DIGEST = "Posthaste-Digest";
  private static final String TYPE = "Posthaste-Type";
  private static final String HEADERS = "Posthaste-Headers";
  private static final String DELETED = "Posthaste-Deleted";

  /** So many bytes of a digest name a key: enough that no two ever meet. */
  private static final int KEY_BYTES = 18;

  private Codec() {}

  /** The headers of a message that is to be stored. */
  static Headers headers(Append append, long timeMillis) {
    Headers headers = new Headers();
    headers.put(TIME, Long.toString(timeMillis));
    if (!append.type().isEmpty()) {
      headers.put(TYPE, encode(append.type()));
    }
    if (!append.headers().isEmpty()) {
      StringBuilder all = new StringBuilder();
      append
          .headers()
          .forEach(
              (name, value) ->
                  all.append(all.length() == 0 ? "" : "&")
                      .append(encode(name))
                      .append('=')
                      .append(encode(value)));
      headers.put(HEADERS, all.toString());
    }
    if (append.deleted()) {
      headers.put(DELETED, "true");
    }
    return headers;
  }

  /** The payload of a message that is to be stored. */
  static byte[] payload(Append append) {
    return append.deleted() ? new byte[0] : append.payload().toByteArray();
  }

  /** What NATS is to know a topic's key by: short, as the server holds it in memory. */
  static String messageId(Topic topic, String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(topic.name().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(key.getBytes(StandardCharsets.UTF_8));
      byte[] id = ByteBuffer.allocate(KEY_BYTES).put(digest.digest(), 0, KEY_BYTES).array();
      return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The message that an entry of a stream is. */
  static Message message(Partition partition, Entry entry) {
    Topic topic = Subjects.topic(partition.subjects, entry.subject());
    return message(partition, topic, entry.sequence(), entry.headers(), entry.data());
  }

  /**
   * The message with these headers and bytes. Which message of the topic stood before it is known
   * only as it is heard, and then not said, so that a message is the same however it came.
   */
  static Message message(
      Partition partition, Topic topic, long sequence, @Nullable Headers headers, byte[] data) {
    return new Message(
        topic,
        partition.number,
        sequence,
        Message.UNKNOWN,
        timeMillis(headers),
        decode(first(headers, TYPE)),
        decodeAll(first(headers, HEADERS)),
        Payload.wrap(data),
        isDeleted(headers));
  }

  /** Whether a message is a tombstone. */
  static boolean isDeleted(@Nullable Headers headers) {
    return !first(headers, DELETED).isEmpty();
  }

  static long timeMillis(@Nullable Headers headers) {
    return number(first(headers, TIME), 10);
  }

  /** The digest of what was published under a key; 0 if there was none. */
  static long digest(@Nullable Headers headers) {
    return number(first(headers, DIGEST), 16);
  }

  /** A header's only or first value; empty if there is none. */
  static String first(@Nullable Headers headers, String name) {
    String value = headers == null ? null : headers.getFirst(name);
    return value == null ? "" : value;
  }

  private static long number(String text, int radix) {
    try {
      return text.isEmpty()
          ? 0
          : radix == 16 ? Long.parseUnsignedLong(text, 16) : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new LogException("a message in NATS has a header that is no number: " + text, e);
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String decode(String text) {
    return text.isEmpty() ? "" : URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static Map<String, String> decodeAll(String text) {
    if (text.isEmpty()) {
      return Map.of();
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (String header : text.split("&")) {
      int equals = header.indexOf('=');
      if (equals < 0) {
        throw new LogException("a message in NATS has headers that are none: " + text);
      }
      headers.put(decode(header.substring(0, equals)), decode(header.substring(equals + 1)));
    }
    return headers;
  }
}
