package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;

/** Where a config lies in a directory: {@code namespace/group/name}. */
final class ConfigFiles {
  private static final int MAX_FILE_NAME_BYTES = 200;
  private static final String HEX = "0123456789ABCDEF";

  private ConfigFiles() {}

  static Path in(Path directory, ConfigName name) {
    return directory
        .resolve(fileName(name.namespace()))
        .resolve(fileName(name.group()))
        .resolve(fileName(name.name()));
  }

  /**
   * A part of a name as any file system takes it: letters, digits, {@code _ - .} as they are, what
   * else there is, and dots at the beginning, as {@code %3A}; a digest if that is too long.
   */
  private static String fileName(String part) {
    StringBuilder name = new StringBuilder();
    for (byte b : part.getBytes(UTF_8)) {
      boolean plain =
          b >= 'a' && b <= 'z'
              || b >= 'A' && b <= 'Z'
              || b >= '0' && b <= '9'
              || b == '_'
              || b == '-'
              || b == '.' && name.length() > 0;
      if (plain) {
        name.append((char) b);
      } else {
        name.append('%').append(HEX.charAt(b >> 4 & 0xf)).append(HEX.charAt(b & 0xf));
      }
    }
    return name.length() <= MAX_FILE_NAME_BYTES
        ? name.toString()
        : "%" + Digests.hex("SHA-256", part.getBytes(UTF_8));
  }
}
