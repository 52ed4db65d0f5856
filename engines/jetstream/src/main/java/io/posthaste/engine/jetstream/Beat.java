package io.posthaste.engine.jetstream;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * What a node says once a second: what it appended since it last said so, that those who want these
 * topics can tell whether they have heard of it.
 *
 * @param node who says it
 * @param number 1 for a node's first, then each one more
 * @param last whether the node ends, and has appended nothing that it has not said
 * @param parts what it says of each partition, by number
 */
record Beat(String node, long number, boolean last, Map<Integer, Part> parts) {
  /**
   * As the sequence of a topic: something was sent of which it is not known whether it was stored.
   */
  static final long IN_DOUBT = 0;

  private static final int FORMAT = 1;
  private static final int MAX_TOPICS = 1 << 20;

  /**
   * What a node says of one partition.
   *
   * @param through whatever the node appended at or below this, it has said by now
   * @param appended the last sequence of each topic that it appended to since its beat before
   */
  record Part(long through, Map<String, Long> appended) {}

  /** The beat as bytes: names in order, of each what differs from the one before, all deflated. */
  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
      out.writeByte(FORMAT);
      out.writeUTF(node);
      out.writeLong(number);
      out.writeBoolean(last);
      out.writeInt(parts.size());
      for (Map.Entry<Integer, Part> part : parts.entrySet()) {
        out.writeInt(part.getKey());
        out.writeLong(part.getValue().through());
        out.writeInt(part.getValue().appended().size());
        String before = "";
        for (Map.Entry<String, Long> topic : new TreeMap<>(part.getValue().appended()).entrySet()) {
          String name = topic.getKey();
          int same = sharedPrefix(before, name);
          out.writeShort(same);
          out.writeUTF(name.substring(same));
          out.writeLong(topic.getValue());
          before = name;
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail", e);
    }
    return bytes.toByteArray();
  }

  private static int sharedPrefix(String a, String b) {
    int length = 0;
    while (length < a.length() && length < b.length() && a.charAt(length) == b.charAt(length)) {
      length++;
    }
    // Half a character cannot be written.
    return length > 0 && Character.isHighSurrogate(b.charAt(length - 1)) ? length - 1 : length;
  }

  /**
   * Reads a beat.
   *
   * @throws MalformedException if the bytes are none
   */
  static Beat of(byte[] bytes) {
    try (DataInputStream in =
        new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(bytes)))) {
      int format = in.readByte();
      if (format != FORMAT) {
        throw new MalformedException("beat: format " + format + " (expected: " + FORMAT + ")");
      }
      String node = in.readUTF();
      long number = in.readLong();
      boolean last = in.readBoolean();
      int partitions = in.readInt();
      Map<Integer, Part> parts = new LinkedHashMap<>();
      int topics = 0;
      for (int i = 0; i < partitions; i++) {
        int partition = in.readInt();
        long through = in.readLong();
        int count = in.readInt();
        topics += count;
        if (count < 0 || topics > MAX_TOPICS || partitions > MAX_TOPICS) {
          throw new MalformedException("beat: " + topics + " topics (expected: fewer)");
        }
        parts.put(partition, new Part(through, topics(in, count)));
      }
      return new Beat(node, number, last, parts);
    } catch (IOException | StringIndexOutOfBoundsException e) {
      throw new MalformedException("beat: " + bytes.length + " bytes that are none: " + e);
    }
  }

  private static Map<String, Long> topics(DataInputStream in, int count) throws IOException {
    Map<String, Long> appended = new LinkedHashMap<>();
    String name = "";
    for (int i = 0; i < count; i++) {
      int same = in.readUnsignedShort();
      name = name.substring(0, same) + in.readUTF();
      appended.put(new Topic(name).name(), in.readLong());
    }
    return appended;
  }
}
