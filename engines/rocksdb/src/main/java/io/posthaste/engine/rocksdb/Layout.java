package io.posthaste.engine.rocksdb;

import io.posthaste.core.Append;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How messages stand on disk, format 1. All numbers are big-endian.
 *
 * <pre>
 * column family   key                        value
 * log             sequence:8                 flags:1 previous:8 time:8 topic:2+n type:4+n
 *                                            headers:4 (name:4+n value:4+n)* payload
 * index           topic 0 sequence:8         number:8 total:8 previous:8 size:4 flags:1
 * keys            bucket:4 hash:16           sequence:8 time:8 digest:8
 * default         name                       see {@link Store}
 * </pre>
 *
 * <p>The {@code number} of a message counts those of its topic since the topic was last empty, and
 * {@code total} their payload bytes, this one's included: so the first and the last entry of a
 * topic tell how many are kept and how large they are, and no third write is needed to count them.
 * No topic has a 0 byte, so topics stand in the order of their bytes.
 */
final class Layout {
  static final byte DELETED = 1;

  private static final int FLAGS = 0;
  private static final int PREVIOUS = 1;
  private static final int TIME = 9;
  private static final int TOPIC = 17;
  private static final int INDEX_VALUE_BYTES = 29;

  private Layout() {}

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // ---------------------------------------------------------------- log

  static byte[] sequenceKey(long sequence) {
    byte[] key = new byte[Long.BYTES];
    putLong(key, 0, sequence);
    return key;
  }

  static long sequenceOf(byte[] logKey) {
    return longAt(logKey, 0);
  }

  /** The value of a message but for what only the writer knows; see {@link #complete}. */
  static byte[] message(Append append, byte[] topic) {
    byte[] type = utf8(append.type());
    Payload payload = append.deleted() ? Payload.EMPTY : append.payload();
    int size = TOPIC + 2 + topic.length + 4 + type.length + 4 + payload.length();
    byte[][] headers = new byte[append.headers().size() * 2][];
    int next = 0;
    for (Map.Entry<String, String> header : append.headers().entrySet()) {
      headers[next] = utf8(header.getKey());
      headers[next + 1] = utf8(header.getValue());
      size += 8 + headers[next].length + headers[next + 1].length;
      next += 2;
    }
    ByteBuffer value = ByteBuffer.allocate(size);
    value.put(append.deleted() ? DELETED : 0).position(TOPIC);
    value.putShort((short) topic.length).put(topic).putInt(type.length).put(type);
    value.putInt(append.headers().size());
    for (byte[] part : headers) {
      value.putInt(part.length).put(part);
    }
    return value.put(payload.asByteBuffer()).array();
  }

  static void complete(byte[] message, long previous, long timeMillis) {
    putLong(message, PREVIOUS, previous);
    putLong(message, TIME, timeMillis);
  }

  /** The time of a message, of which at least the beginning is given. */
  static long timeOf(byte[] message) {
    return longAt(message, TIME);
  }

  static String topicOf(byte[] message) {
    return new String(message, TOPIC + 2, topicLength(message), StandardCharsets.UTF_8);
  }

  private static int topicLength(byte[] message) {
    return (message[TOPIC] & 0xff) << 8 | message[TOPIC + 1] & 0xff;
  }

  static Message read(int partition, long sequence, Topic topic, byte[] message) {
    ByteBuffer value = ByteBuffer.wrap(message);
    value.position(TOPIC + 2 + topicLength(message));
    String type = text(value);
    int count = value.getInt();
    Map<String, String> headers = count == 0 ? Map.of() : new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      headers.put(text(value), text(value));
    }
    byte[] payload = new byte[value.remaining()];
    value.get(payload);
    return new Message(
        topic,
        partition,
        sequence,
        longAt(message, PREVIOUS),
        longAt(message, TIME),
        type,
        headers,
        Payload.wrap(payload),
        (message[FLAGS] & DELETED) != 0);
  }

  private static String text(ByteBuffer value) {
    int length = value.getInt();
    if (length == 0) {
      return "";
    }
    int at = value.position();
    value.position(at + length);
    return new String(value.array(), at, length, StandardCharsets.UTF_8);
  }

  // ---------------------------------------------------------------- index

  /**
   * What the index says of a message.
   *
   * @param sequence its place
   * @param number how many the topic had had with it
   * @param total the payload bytes of these
   * @param previous the one before it in the topic
   * @param size payload bytes
   * @param deleted whether it is a tombstone
   */
  record Entry(long sequence, long number, long total, long previous, int size, boolean deleted) {}

  static byte[] indexKey(byte[] topic, long sequence) {
    byte[] key = new byte[topic.length + 1 + Long.BYTES];
    System.arraycopy(topic, 0, key, 0, topic.length);
    putLong(key, topic.length + 1, sequence);
    return key;
  }

  static byte[] indexValue(long number, long total, long previous, int size, boolean deleted) {
    byte[] value = new byte[INDEX_VALUE_BYTES];
    putLong(value, 0, number);
    putLong(value, 8, total);
    putLong(value, 16, previous);
    putInt(value, 24, size);
    value[28] = deleted ? DELETED : 0;
    return value;
  }

  static Entry entry(byte[] indexKey, byte[] indexValue) {
    return new Entry(
        longAt(indexKey, indexKey.length - Long.BYTES),
        longAt(indexValue, 0),
        longAt(indexValue, 8),
        longAt(indexValue, 16),
        intAt(indexValue, 24),
        (indexValue[28] & DELETED) != 0);
  }

  /** Whether the key of the index is one of this topic's. */
  static boolean isOf(byte[] indexKey, byte[] topic) {
    if (indexKey.length != topic.length + 1 + Long.BYTES || indexKey[topic.length] != 0) {
      return false;
    }
    for (int i = topic.length - 1; i >= 0; i--) { // names differ at their ends
      if (indexKey[i] != topic[i]) {
        return false;
      }
    }
    return true;
  }

  static byte[] topicOfIndexKey(byte[] indexKey) {
    byte[] topic = new byte[indexKey.length - 1 - Long.BYTES];
    System.arraycopy(indexKey, 0, topic, 0, topic.length);
    return topic;
  }

  // ---------------------------------------------------------------- keys

  static byte[] keysKey(int bucket, byte[] hash) {
    byte[] key = new byte[4 + hash.length];
    putInt(key, 0, bucket);
    System.arraycopy(hash, 0, key, 4, hash.length);
    return key;
  }

  /** 16 bytes that stand for a topic's idempotency key. */
  static byte[] keyHash(byte[] topic, String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(topic);
      digest.update((byte) 0);
      byte[] hash = digest.digest(utf8(key));
      byte[] half = new byte[16];
      System.arraycopy(hash, 0, half, 0, half.length);
      return half;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  // ---------------------------------------------------------------- numbers

  static byte[] longs(long... values) {
    byte[] bytes = new byte[values.length * Long.BYTES];
    for (int i = 0; i < values.length; i++) {
      putLong(bytes, i * Long.BYTES, values[i]);
    }
    return bytes;
  }

  static void putLong(byte[] into, int at, long value) {
    putInt(into, at, (int) (value >>> 32));
    putInt(into, at + 4, (int) value);
  }

  static long longAt(byte[] bytes, int at) {
    return (long) intAt(bytes, at) << 32 | intAt(bytes, at + 4) & 0xffffffffL;
  }

  private static void putInt(byte[] into, int at, int value) {
    into[at] = (byte) (value >>> 24);
    into[at + 1] = (byte) (value >>> 16);
    into[at + 2] = (byte) (value >>> 8);
    into[at + 3] = (byte) value;
  }

  private static int intAt(byte[] bytes, int at) {
    return bytes[at] << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | bytes[at + 3] & 0xff;
  }
}
