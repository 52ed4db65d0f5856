package io.posthaste.server;

import io.posthaste.core.MalformedException;
import io.posthaste.core.NodePlace;
import io.posthaste.core.Payload;
import io.posthaste.core.TopicPattern;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Which connections are wanted.
 *
 * @param topics only those over which something that this matches is read; null for all
 * @param door only those by this technique; empty for all
 * @param node only those of this node; empty for all
 * @param after only those behind this one; null to begin with the first
 * @param limit at most so many
 */
public record ConnectionsQuery(
    @Nullable TopicPattern topics, String door, String node, @Nullable NodePlace after, int limit) {
  /** The most that one page has. */
  public static final int MAX_LIMIT = 1_000;

  private static final int FORMAT = 1;
  private static final int LONGEST_NAME = 64;

  public ConnectionsQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new MalformedException("limit: " + limit + " (expected: 1 to " + MAX_LIMIT + ")");
    }
    if (door.length() > LONGEST_NAME || node.length() > LONGEST_NAME) {
      throw new MalformedException("door, node: too long (expected: at most " + LONGEST_NAME + ")");
    }
  }

  /** The numbers that are wanted of a node are above this. */
  long above(String ofNode) {
    return NodePlace.above(after, ofNode);
  }

  /** Whether a use is wanted. */
  boolean matches(Use use) {
    if (!door.isEmpty() && !door.equals(use.door())) {
      return false;
    }
    TopicPattern wanted = topics;
    return wanted == null || use.topics().stream().anyMatch(wanted::overlaps);
  }

  Payload toPayload() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      NodePlace place = after;
      TopicPattern wanted = topics;
      out.writeByte(FORMAT);
      out.writeUTF(wanted == null ? "" : wanted.text());
      out.writeUTF(door);
      out.writeUTF(node);
      out.writeUTF(place == null ? "" : place.toString());
      out.writeShort(limit);
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail", e);
    }
    return Payload.wrap(bytes.toByteArray());
  }

  /**
   * Reads what {@link #toPayload} wrote.
   *
   * @throws MalformedException if it is nothing of the kind
   */
  static ConnectionsQuery of(Payload payload) {
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(payload.toByteArray()))) {
      if (in.readByte() != FORMAT) {
        throw new MalformedException("connections: a question of another version");
      }
      String topics = in.readUTF();
      String door = in.readUTF();
      String node = in.readUTF();
      String after = in.readUTF();
      return new ConnectionsQuery(
          topics.isEmpty() ? null : new TopicPattern(topics),
          door,
          node,
          after.isEmpty() ? null : NodePlace.parse(after),
          in.readShort());
    } catch (IOException e) {
      throw new MalformedException("connections: a question that cannot be read");
    }
  }
}
