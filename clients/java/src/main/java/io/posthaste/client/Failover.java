package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operator's files, whose contents stand above what servers say for as long as they exist. */
final class Failover {
  private static final int MAX_BYTES = 64 << 20;

  private final @Nullable Path directory;

  /**
   * @param directory null if there is none
   */
  Failover(@Nullable Path directory) {
    this.directory = directory;
  }

  boolean isPossible() {
    return directory != null;
  }

  /**
   * What the operator says of a config; null if nothing.
   *
   * @param known what this said before: it is given again if the file has not changed since
   */
  @Nullable Config of(ConfigName name, @Nullable Config known) {
    if (directory == null) {
      return null;
    }
    Path file = ConfigFiles.in(directory, name);
    try {
      Instant written = Files.getLastModifiedTime(file).toInstant();
      if (known != null && known.at().equals(written)) {
        return known;
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("larger than " + MAX_BYTES + " bytes");
      }
      String content = new String(Files.readAllBytes(file), UTF_8);
      return new Config(name, "", written, Map.of(), content, false, Config.Source.FAILOVER, "");
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      Logs.LOGGER.log(Level.WARNING, "the failover file {0} cannot be read: {1}", file, e);
      return known;
    }
  }
}
