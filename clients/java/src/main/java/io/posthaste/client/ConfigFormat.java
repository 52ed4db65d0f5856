package io.posthaste.client;

import java.io.IOException;
import java.io.StringReader;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** What formats a config can have, and the keys in those that have some. */
final class ConfigFormat {
  private static final Set<String> KNOWN =
      Set.of("properties", "yaml", "json", "xml", "html", "toml");

  private ConfigFormat() {}

  /** The format of a config of that name, of which its publisher said something, or nothing. */
  static String of(String said, String name) {
    String lower = canonical(said.toLowerCase(Locale.ROOT));
    if (KNOWN.contains(lower)) {
      return lower;
    }
    String ending = canonical(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    return KNOWN.contains(ending) && name.indexOf('.') >= 0 ? ending : "text";
  }

  private static String canonical(String format) {
    return format.equals("yml") ? "yaml" : format;
  }

  /**
   * A content's keys.
   *
   * @throws ConfigFormatException if it has none
   */
  static Map<String, String> keys(Config config, String format) {
    try {
      switch (format) {
        case "properties":
          return properties(config.content());
        case "json":
          return JsonKeys.of(config.content());
        case "yaml":
          return YamlKeys.of(config.content());
        default:
          throw new ConfigFormatException(
              config.name()
                  + ": the format "
                  + format
                  + " has no keys (expected: properties, yaml or json)");
      }
    } catch (IOException e) {
      throw new ConfigFormatException(
          config.name() + " is not valid " + format + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, String> properties(String content) throws IOException {
    Map<String, String> keys = new LinkedHashMap<>();
    Properties inOrder =
        new Properties() {
          private static final long serialVersionUID = 1;

          @Override
          public synchronized Object put(Object key, Object value) {
            keys.put((String) key, (String) value);
            return super.put(key, value);
          }
        };
    try {
      inOrder.load(new StringReader(content));
    } catch (IllegalArgumentException e) { // an escape that is none
      throw new IOException(e.getMessage(), e);
    }
    return Collections.unmodifiableMap(keys);
  }
}
