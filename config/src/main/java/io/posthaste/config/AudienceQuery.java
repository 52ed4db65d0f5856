package io.posthaste.config;

import io.posthaste.core.MalformedException;
import io.posthaste.core.NodePlace;
import io.posthaste.core.Payload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Whose listening is asked for: that of all to a config, or that of an address to all configs.
 *
 * @param key the config; null for all
 * @param address only that of instances at this address; empty for all
 * @param onlyBehind only of those who have not what they should have
 * @param after only what is behind this place; null to begin with the first
 * @param limit at most so many
 */
public record AudienceQuery(
    @Nullable ConfigKey key,
    String address,
    boolean onlyBehind,
    @Nullable NodePlace after,
    int limit) {
  /** The most that one page has. */
  public static final int MAX_LIMIT = 1_000;

  private static final int FORMAT = 1;
  private static final int LONGEST_ADDRESS = 64;

  /**
   * @throws MalformedException if the limit is not 0 to 1,000, or neither a config nor an address
   *     is asked for
   */
  public AudienceQuery {
    if (limit < 0 || limit > MAX_LIMIT) {
      throw new MalformedException("limit: " + limit + " (expected: 1 to " + MAX_LIMIT + ")");
    }
    if (address.length() > LONGEST_ADDRESS || (key == null && address.isEmpty())) {
      throw new MalformedException(
          "address: " + MalformedException.quote(address) + " (expected: such as 10.0.0.7)");
    }
  }

  /** Who listens to a config: how many have what, and who the first of them are. */
  public static AudienceQuery of(ConfigKey key, int limit) {
    return new AudienceQuery(key, "", false, null, limit);
  }

  /** The numbers that are wanted of a node are above this. */
  long above(String ofNode) {
    return NodePlace.above(after, ofNode);
  }

  Payload toPayload() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      ConfigKey config = key;
      NodePlace place = after;
      out.writeByte(FORMAT);
      out.writeUTF(config == null ? "" : config.toString());
      out.writeUTF(address);
      out.writeBoolean(onlyBehind);
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
  static AudienceQuery of(Payload payload) {
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(payload.toByteArray()))) {
      if (in.readByte() != FORMAT) {
        throw new MalformedException("audience: a question of another version");
      }
      String key = in.readUTF();
      String address = in.readUTF();
      boolean onlyBehind = in.readBoolean();
      String after = in.readUTF();
      return new AudienceQuery(
          key.isEmpty() ? null : ConfigKey.of(key).orElseThrow(AudienceQuery::unreadable),
          address,
          onlyBehind,
          after.isEmpty() ? null : NodePlace.parse(after),
          in.readShort());
    } catch (IOException e) {
      throw unreadable();
    }
  }

  private static MalformedException unreadable() {
    return new MalformedException("audience: a question that cannot be read");
  }
}
