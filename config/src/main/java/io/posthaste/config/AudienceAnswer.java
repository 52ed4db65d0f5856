package io.posthaste.config;

import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one node says of those who listen.
 *
 * @param counts how many have each version
 * @param behind how many have not what they should have
 * @param unknown how many could not be kept, for want of room, since the node started
 * @param versions how the versions that it knows spread, the youngest first
 * @param followers some who listen, by rising number
 * @param more whether there are more behind the last
 */
record AudienceAnswer(
    Map<VersionCount.Of, Integer> counts,
    int behind,
    long unknown,
    List<Spreaded> versions,
    List<Followership> followers,
    boolean more) {
  private static final int FORMAT = 1;

  /** With so much written, the rest is left to a further page. */
  private static final int MOST_BYTES = 384 << 10;

  static final AudienceAnswer NONE =
      new AudienceAnswer(Map.of(), 0, 0, List.of(), List.of(), false);

  /** A version and its spreads, which those of other nodes can be added to. */
  record Spreaded(Id id, @Nullable Md5 md5, long publishedMillis, Spread told, Spread had) {
    Spreaded plus(Spreaded other) {
      Spread allTold = told.copy();
      allTold.add(other.told);
      Spread allHad = had.copy();
      allHad.add(other.had);
      return new Spreaded(id, md5, publishedMillis, allTold, allHad);
    }

    Spreading spreading() {
      return new Spreading(
          id, md5, publishedMillis, Spreading.Curve.of(told), Spreading.Curve.of(had));
    }
  }

  /** What two say together. */
  AudienceAnswer plus(AudienceAnswer other) {
    Map<VersionCount.Of, Integer> all = new HashMap<>(counts);
    other.counts.forEach((version, count) -> all.merge(version, count, Integer::sum));
    Map<Id, Spreaded> spreads = new LinkedHashMap<>();
    Stream.concat(versions.stream(), other.versions.stream())
        .forEach(one -> spreads.merge(one.id(), one, Spreaded::plus));
    return new AudienceAnswer(
        all,
        behind + other.behind,
        unknown + other.unknown,
        List.copyOf(spreads.values()),
        Stream.concat(followers.stream(), other.followers.stream()).toList(),
        more || other.more);
  }

  /** As bytes; followers that would make it too large are left out, and said to be there. */
  Payload toPayload() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int written = 0;
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeShort(counts.size());
      for (Map.Entry<VersionCount.Of, Integer> count : counts.entrySet()) {
        write(out, count.getKey().md5());
        write(out, count.getKey().id());
        out.writeInt(count.getValue());
      }
      out.writeInt(behind);
      out.writeLong(unknown);
      out.writeByte(versions.size());
      for (Spreaded version : versions) {
        write(out, version.id());
        write(out, version.md5());
        out.writeLong(version.publishedMillis());
        version.told().write(out);
        version.had().write(out);
      }
      while (written < followers.size() && bytes.size() < MOST_BYTES) {
        out.writeBoolean(true);
        write(out, followers.get(written++));
      }
      out.writeBoolean(false);
      out.writeBoolean(more || written < followers.size());
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail", e);
    }
    return Payload.wrap(bytes.toByteArray());
  }

  private static void write(DataOutputStream out, Followership of) throws IOException {
    Instance instance = of.instance();
    out.writeLong(of.number());
    out.writeUTF(of.key().toString());
    out.writeUTF(instance.id());
    out.writeUTF(instance.address());
    out.writeUTF(instance.application());
    out.writeUTF(instance.clientVersion());
    out.writeByte(Math.min(255, instance.labels().size()));
    int left = 255;
    for (Map.Entry<String, String> label : instance.labels().entrySet()) {
      if (left-- > 0) {
        out.writeUTF(label.getKey());
        out.writeUTF(label.getValue());
      }
    }
    out.writeUTF(of.door());
    out.writeLong(of.sinceMillis());
    write(out, of.md5());
    write(out, of.id());
    out.writeLong(of.hasMillis());
    out.writeLong(of.afterMillis());
    out.writeBoolean(of.isConfirmed());
    write(out, of.told());
    out.writeLong(of.toldMillis());
    out.writeBoolean(of.isCurrent());
  }

  private static void write(DataOutputStream out, @Nullable Md5 md5) throws IOException {
    out.writeBoolean(md5 != null);
    if (md5 != null) {
      out.writeLong(md5.high());
      out.writeLong(md5.low());
    }
  }

  private static void write(DataOutputStream out, @Nullable Id id) throws IOException {
    out.writeUTF(id == null ? "" : id.toString());
  }

  /**
   * Reads an answer.
   *
   * @param node whose it is
   * @throws MalformedException if the bytes are none
   */
  static AudienceAnswer of(String node, Payload payload) {
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(payload.toByteArray()))) {
      if (in.readByte() != FORMAT) {
        throw new MalformedException("its answer is of another version");
      }
      Map<VersionCount.Of, Integer> counts = new HashMap<>();
      for (int left = in.readUnsignedShort(); left > 0; left--) {
        counts.put(new VersionCount.Of(md5(in), id(in)), in.readInt());
      }
      int behind = in.readInt();
      long unknown = in.readLong();
      List<Spreaded> versions = new ArrayList<>();
      for (int left = in.readUnsignedByte(); left > 0; left--) {
        Id id = id(in);
        if (id == null) {
          throw new MalformedException("its answer has a version without an id");
        }
        versions.add(new Spreaded(id, md5(in), in.readLong(), Spread.read(in), Spread.read(in)));
      }
      List<Followership> followers = new ArrayList<>();
      while (in.readBoolean()) {
        followers.add(follower(node, in));
      }
      return new AudienceAnswer(counts, behind, unknown, versions, followers, in.readBoolean());
    } catch (IOException e) {
      throw new MalformedException("its answer cannot be read");
    }
  }

  private static Followership follower(String node, DataInputStream in) throws IOException {
    long number = in.readLong();
    ConfigKey key =
        ConfigKey.of(in.readUTF())
            .orElseThrow(() -> new MalformedException("its answer names no config"));
    String id = in.readUTF();
    String address = in.readUTF();
    String application = in.readUTF();
    String clientVersion = in.readUTF();
    TreeMap<String, String> labels = new TreeMap<>();
    for (int left = in.readUnsignedByte(); left > 0; left--) {
      labels.put(in.readUTF(), in.readUTF());
    }
    return new Followership(
        node,
        number,
        key,
        new Instance(id, address, application, labels, clientVersion),
        in.readUTF(),
        in.readLong(),
        md5(in),
        id(in),
        in.readLong(),
        in.readLong(),
        in.readBoolean(),
        id(in),
        in.readLong(),
        in.readBoolean());
  }

  private static @Nullable Md5 md5(DataInputStream in) throws IOException {
    return in.readBoolean() ? new Md5(in.readLong(), in.readLong()) : null;
  }

  private static @Nullable Id id(DataInputStream in) throws IOException {
    String text = in.readUTF();
    return text.isEmpty() ? null : Id.parse(text);
  }
}
