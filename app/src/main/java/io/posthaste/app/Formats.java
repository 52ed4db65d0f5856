package io.posthaste.app;

import java.util.Locale;
import java.util.Map;

/** The format of a config, guessed by the end of its name. */
final class Formats {
  private static final Map<String, String> BY_ENDING =
      Map.of(
          "json", "json",
          "xml", "xml",
          "yaml", "yaml",
          "yml", "yaml",
          "html", "html",
          "htm", "html",
          "properties", "properties",
          "toml", "toml");

  private Formats() {}

  /** A format; text if the name does not tell. */
  static String of(String name) {
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return BY_ENDING.getOrDefault(ending, "text");
  }

  /** The header that says it; none if the name does not tell, so that what was said stays. */
  static Map<String, String> header(String name) {
    String format = of(name);
    return format.equals("text") ? Map.of() : Map.of("format", format);
  }
}
