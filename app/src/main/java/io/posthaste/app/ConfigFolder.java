package io.posthaste.app;

import io.posthaste.config.ConfigKey;
import io.posthaste.core.MalformedException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Configs as files of a folder, {@code GROUP/NAME}, such as a checkout of a repository. Files and
 * folders whose names begin with a dot are not looked at, nor is what links lead to.
 */
final class ConfigFolder {
  private ConfigFolder() {}

  /**
   * Reads them.
   *
   * @throws CommandFailure if it has something that is no config
   */
  static List<StoredConfig> read(Path folder, String namespace) {
    List<StoredConfig> configs = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            private long total;

            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes as) {
              return !directory.equals(folder) && isHidden(directory)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes as) throws IOException {
              if (isHidden(file) || !as.isRegularFile()) {
                return FileVisitResult.CONTINUE;
              }
              total += as.size();
              if (as.size() > ConfigArchive.LARGEST_CONFIG_BYTES
                  || total > ConfigArchive.MOST_BYTES
                  || configs.size() >= ConfigArchive.MOST_CONFIGS) {
                throw new CommandFailure(
                    file
                        + ": too much (expected: at most 10 MiB a config, 256 MiB and 10,000"
                        + " configs in all)");
              }
              configs.add(config(folder, file, namespace));
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new CommandFailure(folder + " cannot be read: " + Reasons.of(e));
    }
    return configs;
  }

  private static boolean isHidden(Path path) {
    return path.getFileName().toString().startsWith(".");
  }

  private static StoredConfig config(Path folder, Path file, String namespace) throws IOException {
    Path inside = folder.relativize(file);
    if (inside.getNameCount() != 2) {
      throw new CommandFailure(
          file + " is no config (expected: " + folder + "/GROUP/NAME; a dot before what is none)");
    }
    String name = inside.getName(1).toString();
    try {
      ConfigKey key = new ConfigKey(namespace, inside.getName(0).toString(), name);
      String content = ConfigArchive.text(folder, inside.toString(), Files.readAllBytes(file));
      return StoredConfig.of(key, content, Formats.header(name));
    } catch (MalformedException e) {
      throw new CommandFailure(file + ": " + e.getMessage());
    }
  }

  /** Writes configs as files; others that are there stay. */
  static void write(Path folder, List<StoredConfig> configs) {
    Path root = folder.toAbsolutePath().normalize();
    try {
      for (StoredConfig config : configs) {
        Path group = root.resolve(config.key().group()).normalize();
        Path file = group.resolve(config.key().name()).normalize();
        if (!root.equals(group.getParent()) || !group.equals(file.getParent())) {
          throw new CommandFailure(
              config.key() + " can be no file (expected: a name other than . and ..)");
        }
        if (isHidden(group) || isHidden(file)) {
          throw new CommandFailure(
              config.key() + " would be a hidden file, which no import reads (expected: a .zip)");
        }
        Files.createDirectories(group);
        Files.writeString(file, config.content());
      }
    } catch (IOException e) {
      throw new CommandFailure(folder + " cannot be written to: " + Reasons.of(e));
    }
  }
}
