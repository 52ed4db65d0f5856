package io.posthaste.door.apollo;

import io.posthaste.core.MalformedException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A namespace as Apollo has it, and the name of the config that it is.
 *
 * <pre>
 *   application, application.properties ── application.properties
 *   FX.apollo                           ── FX.apollo.properties
 *   shop.yaml                           ── shop.yaml
 * </pre>
 *
 * @param asked as the client spells it
 * @param config the config's name, in that spelling
 * @param format {@code properties}, {@code xml}, {@code json}, {@code yml}, {@code yaml} or {@code
 *     txt}
 */
record NamespaceName(String asked, String config, String format) {
  /** The key of the one item that a namespace of another format has. */
  static final String CONTENT = "content";

  private static final String PROPERTIES = "properties";
  private static final List<String> FORMATS = List.of("xml", "json", "yml", "yaml", "txt");

  /**
   * @throws MalformedException if it has no name
   */
  static NamespaceName of(String asked) {
    String format = formatOf(asked);
    String name = format.equals(PROPERTIES) ? withoutSuffix(asked) + ".properties" : asked;
    if (name.equals(".properties")) {
      throw new MalformedException("namespace: empty (expected: its name, as in application)");
    }
    return new NamespaceName(asked, name, format);
  }

  /** The namespace that a config is; empty for those that Apollo cannot name. */
  static Optional<NamespaceName> ofConfig(String name) {
    NamespaceName read = of(name);
    return read.config.equals(name)
        ? Optional.of(new NamespaceName(withoutSuffix(name), name, read.format))
        : Optional.empty();
  }

  private static String formatOf(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (String format : FORMATS) {
      if (lower.endsWith("." + format) && lower.length() > format.length() + 1) {
        return format;
      }
    }
    return PROPERTIES;
  }

  private static String withoutSuffix(String name) {
    int length = name.length() - PROPERTIES.length() - 1;
    return length >= 0 && name.toLowerCase(Locale.ROOT).endsWith("." + PROPERTIES)
        ? name.substring(0, length)
        : name;
  }

  boolean isProperties() {
    return format.equals(PROPERTIES);
  }

  /** Without {@code .properties}. */
  String shown() {
    return withoutSuffix(asked);
  }

  /** The format as configs name it. */
  String configFormat() {
    return switch (format) {
      case "yml" -> "yaml";
      case "txt" -> "text";
      default -> format;
    };
  }
}
