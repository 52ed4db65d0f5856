package io.posthaste.spring;

import io.posthaste.client.ConfigName;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind {@code posthaste:} in {@code spring.config.import}: {@code name}, {@code
 * group/name} or {@code namespace/group/name}, and {@code ?format=yaml} where neither the publisher
 * nor the name's ending says it.
 *
 * @param name the config
 * @param format its format; empty if that is not said
 */
record ConfigImport(ConfigName name, String format) {
  static final String PREFIX = "posthaste:";
  private static final String FORMAT = "?format=";
  private static final Set<String> FORMATS = Set.of("properties", "yaml", "json");

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if it is none; the message says what would be right
   */
  static ConfigImport parse(String text, PosthasteProperties settings) {
    int query = text.indexOf('?');
    String path = query < 0 ? text : text.substring(0, query);
    String[] parts = path.split("/", -1);
    if (parts.length > 3) {
      throw refuse(text, null);
    }
    String format = query < 0 ? "" : format(text, text.substring(query));
    try {
      String name = parts[parts.length - 1];
      String group = parts.length > 1 ? parts[parts.length - 2] : settings.group();
      String namespace = parts.length > 2 ? parts[0] : settings.namespace();
      return new ConfigImport(ConfigName.of(namespace, group, name), format);
    } catch (IllegalArgumentException e) {
      throw refuse(text, e);
    }
  }

  private static String format(String text, String query) {
    String format = query.startsWith(FORMAT) ? query.substring(FORMAT.length()) : "";
    if (!FORMATS.contains(format)) {
      throw refuse(text, null);
    }
    return format;
  }

  private static IllegalArgumentException refuse(
      String text, @Nullable IllegalArgumentException why) {
    return new IllegalArgumentException(
        "spring.config.import: "
            + PREFIX
            + text
            + (why == null ? "" : ": " + why.getMessage())
            + " (expected: posthaste:[[NAMESPACE/]GROUP/]NAME[?format=properties|yaml|json])",
        why);
  }

  /** The same for a profile: {@code shop-prod.yaml} beside {@code shop.yaml}. */
  ConfigImport of(String profile) {
    String plain = name.name();
    int dot = plain.lastIndexOf('.');
    String profiled =
        dot < 0
            ? plain + '-' + profile
            : plain.substring(0, dot) + '-' + profile + plain.substring(dot);
    return new ConfigImport(ConfigName.of(name.namespace(), name.group(), profiled), format);
  }

  @Override
  public String toString() {
    return PREFIX + name + (format.isEmpty() ? "" : FORMAT + format);
  }
}
