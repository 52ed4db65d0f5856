package io.posthaste.core;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Remembers in fixed space up to which sequence topics lost messages of which nothing is kept any
 * more: a table of sequences, by the hash of the topic and of each name above it. Topics that share
 * a hash share the higher of their sequences, so it may say too much and never too little. For
 * engines. Thread-safe.
 */
public final class Forgotten {
  private static final int SLOTS = 1 << 13;
  private static final int TOPIC_SALT = 0x9e3779b9;
  private static final int ABOVE_SALT = 0x7f4a7c15;

  private final long[] through = new long[SLOTS];
  private long highest;

  /**
   * A table in which every topic may have lost messages up to the floor.
   *
   * @param floor 0 if nothing was lost yet
   */
  public Forgotten(long floor) {
    Arrays.fill(through, floor);
    highest = floor;
  }

  /** The topic is no longer held; its last message was this one. */
  public synchronized void add(String topic, long sequence) {
    highest = Math.max(highest, sequence);
    int hash = 0;
    for (int i = 0; i < topic.length(); i++) {
      if (topic.charAt(i) == '/') {
        raise(hash + ABOVE_SALT, sequence);
      }
      hash = 31 * hash + topic.charAt(i);
    }
    raise(hash + ABOVE_SALT, sequence);
    raise(hash + TOPIC_SALT, sequence);
  }

  /** The topic may have lost messages up to here; 0 if it lost none. */
  public synchronized long through(String topic) {
    return through[slot(topic.hashCode() + TOPIC_SALT)];
  }

  /** Topics that match the pattern may have lost messages up to here; 0 if none did. */
  public synchronized long through(TopicPattern pattern) {
    if (pattern.isTopic()) {
      return through(pattern.text());
    }
    String prefix = pattern.prefix();
    String above = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    return above.isEmpty() ? highest : through[slot(above.hashCode() + ABOVE_SALT)];
  }

  /** The table as bytes, for {@link #of}. */
  public synchronized byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate((SLOTS + 1) * Long.BYTES);
    bytes.putLong(highest).asLongBuffer().put(through);
    return bytes.array();
  }

  /**
   * The table that {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if the length is none that it writes
   */
  public static Forgotten of(byte[] bytes) {
    if (bytes.length != (SLOTS + 1) * Long.BYTES) {
      throw new IllegalArgumentException(
          "table of lost topics: "
              + bytes.length
              + " bytes (expected: "
              + (SLOTS + 1) * Long.BYTES
              + ")");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Forgotten forgotten = new Forgotten(0);
    forgotten.highest = buffer.getLong();
    buffer.asLongBuffer().get(forgotten.through);
    return forgotten;
  }

  private void raise(int hash, long sequence) {
    int slot = slot(hash);
    through[slot] = Math.max(through[slot], sequence);
  }

  private static int slot(int hash) {
    int mixed = (hash ^ hash >>> 16) * 0x85ebca6b;
    return (mixed ^ mixed >>> 13) & SLOTS - 1;
  }
}
