package io.posthaste.client;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * The keys of YAML, flattened: {@code a.b}, {@code list[0].c}; values as they are spelt. Read by
 * SnakeYAML, which an application has to bring.
 */
final class YamlKeys {
  private static final int MAX_DEPTH = 256;

  /** Some bytes of aliases within aliases can stand for any number of keys. */
  private static final int MAX_KEYS = 1_000_000;

  private YamlKeys() {}

  /**
   * Reads them.
   *
   * @throws IOException if it is not one document that is a mapping, or nothing at all
   * @throws ConfigFormatException if there is nobody to read it
   */
  static Map<String, String> of(String yaml) throws IOException {
    Object document;
    try {
      document = load(yaml);
    } catch (NoClassDefFoundError e) {
      throw new ConfigFormatException(
          "YAML cannot be read here (expected: org.yaml:snakeyaml 2 on the class path)", e);
    }
    Map<String, String> keys = new LinkedHashMap<>();
    if (document instanceof Map) {
      add(keys, "", document, 0);
    } else if (document != null) {
      throw new IOException("not a mapping");
    }
    return Collections.unmodifiableMap(keys);
  }

  private static @Nullable Object load(String yaml) throws IOException {
    try {
      LoaderOptions limits = new LoaderOptions();
      limits.setNestingDepthLimit(MAX_DEPTH);
      limits.setCodePointLimit(Integer.MAX_VALUE); // the server's limit holds
      limits.setAllowRecursiveKeys(false);
      DumperOptions unused = new DumperOptions();
      return new Yaml(
              new SafeConstructor(limits), new Representer(unused), unused, limits, new AsSpelt())
          .load(yaml);
    } catch (YAMLException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Nothing but texts and nulls: {@code 1.10} is a version, and {@code 2026-01-01} a text. */
  private static final class AsSpelt extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.NULL, NULL, "~nN\0");
      addImplicitResolver(Tag.NULL, EMPTY, null);
      addImplicitResolver(Tag.MERGE, MERGE, "<");
    }
  }

  private static void add(Map<String, String> keys, String path, @Nullable Object value, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException("deeper than " + MAX_DEPTH + " levels, or a part of itself");
    }
    if (value instanceof Map) {
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        String key = String.valueOf(entry.getKey());
        add(keys, path.isEmpty() ? key : path + '.' + key, entry.getValue(), depth + 1);
      }
    } else if (value instanceof Collection) {
      int count = 0;
      for (Object element : (Collection<?>) value) {
        add(keys, path + '[' + count++ + ']', element, depth + 1);
      }
    } else if (keys.size() == MAX_KEYS) {
      throw new IOException("more than " + MAX_KEYS + " keys");
    } else {
      keys.put(path, value == null ? "" : value.toString());
    }
  }
}
