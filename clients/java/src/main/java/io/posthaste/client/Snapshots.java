package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last version of each config that a server told of, on disk, for times when none can be asked.
 * A file is
 *
 * <pre>
 * SHA-256 of all that follows, in hexadecimal, LF
 * {"name":…,"id":…,"at":…,"deleted":…,"gray":…,"headers":{…}} LF
 * content
 * </pre>
 *
 * and replaces the one before in one step, so that whoever reads finds the old one or the new one.
 * One that was damaged, or belongs to another config (names that a file system takes for one), is
 * none. Disks that fail cost the snapshots, and nothing else.
 */
final class Snapshots {
  private static final int MAX_BYTES = 64 << 20;

  private final @Nullable Path directory;

  /**
   * @param directory null for no snapshots
   */
  Snapshots(@Nullable Path directory) {
    this.directory = directory;
  }

  /** Keeps a version, unless a newer one is; one that says that a config was deleted, too. */
  synchronized void keep(Config config) {
    if (directory == null) {
      return;
    }
    Config kept = of(config.name());
    boolean isOrdered = kept != null && !config.isGray() && !kept.isGray();
    if (kept != null
        && (isOrdered ? IdOrder.isKnown(config.id(), kept.id()) : config.id().equals(kept.id()))) {
      return;
    }
    Path file = ConfigFiles.in(directory, config.name());
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.createDirectories(file.getParent());
      try (FileChannel out =
          FileChannel.open(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(bytes(config));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Logs.LOGGER.log(Level.WARNING, "no snapshot of {0} could be kept: {1}", config, e);
    }
  }

  private static byte[] bytes(Config config) {
    byte[] head =
        Wire.object(
            json -> {
              json.writeStringField("name", config.name().toString());
              json.writeStringField("id", config.id());
              json.writeStringField("at", config.at().toString());
              json.writeBooleanField("deleted", config.isDeleted());
              if (config.isGray()) {
                json.writeStringField("gray", config.gray().orElse(""));
              }
              json.writeObjectFieldStart("headers");
              for (Map.Entry<String, String> header : config.headers().entrySet()) {
                json.writeStringField(header.getKey(), header.getValue());
              }
              json.writeEndObject();
            });
    byte[] rest = (new String(head, UTF_8) + '\n' + config.content()).getBytes(UTF_8);
    return (Digests.hex("SHA-256", rest) + '\n' + new String(rest, UTF_8)).getBytes(UTF_8);
  }

  /**
   * The version that was kept, which may say that the config was deleted; null if there is none.
   */
  synchronized @Nullable Config of(ConfigName name) {
    if (directory == null) {
      return null;
    }
    Path file = ConfigFiles.in(directory, name);
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("larger than " + MAX_BYTES + " bytes");
      }
      return read(name, new String(Files.readAllBytes(file), UTF_8));
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException | DateTimeException e) {
      Logs.LOGGER.log(Level.WARNING, "the snapshot {0} is not used: {1}", file, e);
      return null;
    }
  }

  /**
   * The version that was kept of a config of which a server knows nothing, not even that it was
   * deleted: rather than the config it may be the server's log that is gone.
   */
  @Nullable Config ofUnknown(ConfigName name) {
    Config kept = of(name);
    if (kept != null && !kept.isDeleted()) {
      Logs.LOGGER.log(
          Level.WARNING,
          "the server knows nothing of {0}, not even a deletion: its snapshot is used (if it is"
              + " not wanted, remove {1})",
          name,
          ConfigFiles.in(requireNonNull(directory), name));
    }
    return kept;
  }

  private static Config read(ConfigName name, String text) throws IOException {
    int sumEnd = text.indexOf('\n');
    int headEnd = text.indexOf('\n', sumEnd + 1);
    String sum = text.substring(0, Math.max(0, sumEnd));
    if (headEnd < 0
        || !sum.equals(Digests.hex("SHA-256", text.substring(sumEnd + 1).getBytes(UTF_8)))) {
      throw new IOException("it is damaged, or was changed by hand");
    }
    JsonObject head = JsonObject.parse(text.substring(sumEnd + 1, headEnd).getBytes(UTF_8));
    if (!head.expect("name").equals(name.toString())) {
      throw new IOException("it is one of " + head.expect("name"));
    }
    return new Config(
        name,
        head.expect("id"),
        Instant.parse(head.expect("at")),
        head.strings("headers"),
        text.substring(headEnd + 1),
        head.isTrue("deleted"),
        Config.Source.SNAPSHOT,
        head.text("gray", ""));
  }
}
