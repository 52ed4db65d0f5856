package io.posthaste.app;

import io.posthaste.config.ConfigKey;
import io.posthaste.core.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Configs in a zip file: as Nacos' console exports and imports them ({@code GROUP/NAME}, and {@code
 * .metadata.yml} or the older {@code .meta.yml} with what is said of each), or as Apollo's portal
 * exports them ({@code OWNER/APP/ENV/APP+CLUSTER+NAMESPACE}, which is only read).
 *
 * <p>What is read has limits, counted as it is unpacked; names that lead out of the archive are
 * refused.
 */
final class ConfigArchive {
  static final int MOST_CONFIGS = 10_000;
  static final int LARGEST_CONFIG_BYTES = 10 << 20;
  static final long MOST_BYTES = 256L << 20;

  private static final String METADATA = ".metadata.yml";
  private static final String OLD_METADATA = ".meta.yml";
  private static final String APOLLOS_OWN = ".metadata"; // of apps, clusters and namespaces

  private ConfigArchive() {}

  /**
   * Reads the configs of an archive.
   *
   * @param namespace where they are to go; that of each itself where an archive of Apollo's names
   *     clusters and this is null
   * @param env which environment of an archive of Apollo's; null if it has only one
   * @throws CommandFailure if it is no such archive, or one that should not be unpacked
   */
  static List<StoredConfig> read(Path file, @Nullable String namespace, @Nullable String env) {
    Map<String, String> texts = unpack(file);
    boolean isApollos =
        texts.keySet().stream().anyMatch(name -> ApolloEntry.isOne(name))
            && !texts.containsKey(METADATA);
    return isApollos
        ? apollos(file, texts, namespace, env)
        : nacos(file, texts, namespace == null ? ConfigKey.DEFAULT_NAMESPACE : namespace);
  }

  private static Map<String, String> unpack(Path file) {
    Map<String, String> texts = new LinkedHashMap<>();
    long total = 0;
    try (InputStream in = Files.newInputStream(file);
        ZipInputStream zip = new ZipInputStream(in, StandardCharsets.UTF_8)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = entry.getName().replace('\\', '/');
        if (entry.isDirectory()) {
          continue;
        }
        checkInside(file, name);
        if (texts.size() > MOST_CONFIGS) {
          throw tooLarge(file, "has more than " + MOST_CONFIGS + " files");
        }
        byte[] bytes = zip.readNBytes(LARGEST_CONFIG_BYTES + 1);
        total += bytes.length;
        if (bytes.length > LARGEST_CONFIG_BYTES) {
          throw tooLarge(file, name + " is larger than " + LARGEST_CONFIG_BYTES + " bytes");
        } else if (total > MOST_BYTES) {
          throw tooLarge(file, "unpacks to more than " + MOST_BYTES + " bytes");
        }
        if (texts.put(name, text(file, name, bytes)) != null) {
          throw new CommandFailure(file + " has " + name + " twice (expected: each config once)");
        }
      }
    } catch (IOException e) {
      throw new CommandFailure(file + " cannot be read: " + Reasons.of(e));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(file + " has names that are not UTF-8");
    }
    if (texts.isEmpty()) {
      throw new CommandFailure(
          file + " has nothing in it, or is no zip file (expected: an export, or a folder)");
    }
    return texts;
  }

  private static CommandFailure tooLarge(Path file, String what) {
    return new CommandFailure(
        file + ": " + what + "; nothing was published (expected: an archive within these limits)");
  }

  private static void checkInside(Path file, String name) {
    boolean isOut = name.startsWith("/") || List.of(name.split("/", -1)).contains("..");
    if (isOut || name.indexOf('\0') >= 0) {
      throw new CommandFailure(
          file
              + ": "
              + MalformedException.quote(name)
              + " leads out of the archive; nothing was published");
    }
  }

  static String text(Path file, String name, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new CommandFailure(file + ": " + name + " is no text (expected: UTF-8)");
    }
  }

  private static List<StoredConfig> nacos(Path file, Map<String, String> texts, String namespace) {
    Map<String, Map<String, String>> said = new LinkedHashMap<>();
    String metadata = texts.get(METADATA);
    String old = texts.get(OLD_METADATA);
    if (metadata != null) {
      said = NacosMetadata.read(metadata);
    } else if (old != null) {
      said = NacosMetadata.readOld(old);
    }
    List<StoredConfig> configs = new ArrayList<>();
    for (Map.Entry<String, String> entry : texts.entrySet()) {
      String name = entry.getKey();
      if (!name.equals(METADATA) && !name.equals(OLD_METADATA)) {
        configs.add(config(file, namespace, name, entry.getValue(), said));
      }
    }
    return configs;
  }

  private static StoredConfig config(
      Path file,
      String namespace,
      String name,
      String content,
      Map<String, Map<String, String>> said) {
    int slash = name.indexOf('/');
    if (slash < 0 || name.indexOf('/', slash + 1) >= 0) {
      throw new CommandFailure(
          file
              + ": "
              + MalformedException.quote(name)
              + " is no config (expected: GROUP/NAME, as Nacos exports them)");
    }
    try {
      ConfigKey key = new ConfigKey(namespace, name.substring(0, slash), name.substring(slash + 1));
      return StoredConfig.of(key, content, said.getOrDefault(name, Formats.header(name)));
    } catch (MalformedException e) {
      throw new CommandFailure(file + ": " + e.getMessage());
    }
  }

  private static List<StoredConfig> apollos(
      Path file, Map<String, String> texts, @Nullable String namespace, @Nullable String env) {
    Set<String> envs = new LinkedHashSet<>();
    List<StoredConfig> configs = new ArrayList<>();
    for (Map.Entry<String, String> text : texts.entrySet()) {
      if (text.getKey().endsWith(APOLLOS_OWN) || !ApolloEntry.isOne(text.getKey())) {
        continue;
      }
      ApolloEntry entry = ApolloEntry.of(file, text.getKey());
      if (!entry.env().isEmpty()) {
        envs.add(entry.env());
      }
      if (env == null || entry.env().equalsIgnoreCase(env)) {
        String name = entry.key().name();
        StoredConfig config = StoredConfig.of(entry.key(), text.getValue(), Formats.header(name));
        configs.add(namespace == null ? config : config.in(namespace));
      }
    }
    if (env == null && envs.size() > 1) {
      throw new CommandFailure(
          file
              + " has the environments "
              + String.join(", ", envs)
              + " (expected: --env with one)");
    } else if (env != null && configs.isEmpty()) {
      throw new CommandFailure(
          file + " has no environment " + env + " (expected: one of " + envs + ")");
    }
    Set<ConfigKey> keys = new HashSet<>();
    for (StoredConfig config : configs) {
      if (!keys.add(config.key())) {
        throw new CommandFailure(
            file
                + " has "
                + config.key()
                + " twice, of two owners or clusters (expected: each config once)");
      }
    }
    return configs;
  }

  /** Writes an archive as Nacos' console takes it. */
  static void write(Path file, List<StoredConfig> configs) {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (OutputStream out = Files.newOutputStream(part);
          ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
        for (StoredConfig config : configs) {
          put(zip, config.key().group() + "/" + config.key().name(), config.content());
        }
        put(zip, METADATA, NacosMetadata.write(configs));
      }
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CommandFailure(file + " cannot be written: " + Reasons.of(e));
    }
  }

  private static void put(ZipOutputStream zip, String name, String text) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(0); // so that the same configs make the same file
    zip.putNextEntry(entry);
    zip.write(text.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }
}
