package io.posthaste.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a command finds the server that holds a data directory: a file in it, {@code control}, with
 * the server's address and a secret. Whoever may read the file may control the server, and it is
 * made for its owner only; being able to connect is not enough.
 *
 * @param url the server's own address
 * @param secret what it must be shown
 */
record ControlFile(String url, String secret) {
  private static final String NAME = "control";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  static String newSecret() {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    return HexFormat.of().formatHex(secret);
  }

  void write(Path data) throws IOException {
    Path file = data.resolve(NAME);
    Files.deleteIfExists(file);
    createForOwner(file);
    Files.writeString(file, url + "\n" + secret + "\n");
  }

  /** Makes a file that only its owner may read, where the file system knows of such. */
  static void createForOwner(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    } else {
      Files.createFile(file);
    }
  }

  /** The one in a data directory; empty if no server left one. */
  static Optional<ControlFile> read(Path data) throws IOException {
    try {
      List<String> lines = Files.readAllLines(data.resolve(NAME), StandardCharsets.UTF_8);
      return lines.size() < 2
          ? Optional.empty()
          : Optional.of(new ControlFile(lines.get(0), lines.get(1)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  static void delete(Path data) throws IOException {
    Files.deleteIfExists(data.resolve(NAME));
  }
}
