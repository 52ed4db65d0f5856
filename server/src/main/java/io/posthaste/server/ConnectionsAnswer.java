package io.posthaste.server;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.core.Presence;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one node says of its connections.
 *
 * @param doors how many match, by door
 * @param connections some of them, by rising number
 * @param more whether there are more behind the last
 */
record ConnectionsAnswer(Map<String, Long> doors, List<Connected> connections, boolean more) {
  private static final int FORMAT = 1;
  private static final int MOST_DOORS = 100;

  /** With so much written, the rest is left to a further page. */
  private static final int MOST_BYTES = 384 << 10;

  /** As bytes; connections that would make it too large are left out, and said to be there. */
  Payload toPayload() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int written = 0;
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeShort(doors.size());
      for (Map.Entry<String, Long> door : doors.entrySet()) {
        out.writeUTF(door.getKey());
        out.writeLong(door.getValue());
      }
      while (written < connections.size() && bytes.size() < MOST_BYTES) {
        out.writeBoolean(true);
        write(out, connections.get(written++));
      }
      out.writeBoolean(false);
      out.writeBoolean(more || written < connections.size());
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail", e);
    }
    return Payload.wrap(bytes.toByteArray());
  }

  private static void write(DataOutputStream out, Connected connection) throws IOException {
    out.writeLong(connection.number());
    out.writeUTF(connection.door());
    out.writeLong(connection.sinceMillis());
    out.writeUTF(connection.peer());
    out.writeInt(connection.topics());
    out.writeByte(connection.some().size());
    for (String topic : connection.some()) {
      out.writeUTF(topic);
    }
    out.writeByte(connection.presences().size());
    for (Presence.Who who : connection.presences()) {
      out.writeUTF(who.place());
      out.writeUTF(who.name());
      out.writeUTF(who.device());
    }
  }

  /**
   * Reads an answer.
   *
   * @param node whose it is
   * @throws MalformedException if the bytes are none
   */
  static ConnectionsAnswer of(String node, Payload payload) {
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(payload.toByteArray()))) {
      if (in.readByte() != FORMAT) {
        throw new MalformedException("its answer is of another version");
      }
      Map<String, Long> doors = new TreeMap<>();
      for (int left = Math.min(in.readUnsignedShort(), MOST_DOORS); left > 0; left--) {
        doors.put(in.readUTF(), in.readLong());
      }
      List<Connected> connections = new ArrayList<>();
      while (in.readBoolean()) {
        connections.add(read(node, in));
      }
      return new ConnectionsAnswer(doors, connections, in.readBoolean());
    } catch (IOException e) {
      throw new MalformedException("its answer cannot be read");
    }
  }

  private static Connected read(String node, DataInputStream in) throws IOException {
    long number = in.readLong();
    String door = in.readUTF();
    long sinceMillis = in.readLong();
    String peer = in.readUTF();
    int topics = in.readInt();
    List<String> some = new ArrayList<>();
    for (int left = in.readUnsignedByte(); left > 0; left--) {
      some.add(in.readUTF());
    }
    List<Presence.Who> presences = new ArrayList<>();
    for (int left = in.readUnsignedByte(); left > 0; left--) {
      presences.add(new Presence.Who(in.readUTF(), in.readUTF(), in.readUTF()));
    }
    return new Connected(node, number, door, sinceMillis, peer, topics, some, presences);
  }
}
