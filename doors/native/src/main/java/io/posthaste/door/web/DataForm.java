package io.posthaste.door.web;

import java.util.Locale;
import java.util.Set;

/** How a payload stands in a message's {@code data}, by its Content-Type. */
enum DataForm {
  /** As the JSON it is. */
  JSON,
  /** As a string, if it is valid UTF-8. */
  TEXT,
  /** As base64. */
  BINARY;

  private static final Set<String> TEXTS =
      Set.of(
          "",
          "application/x-www-form-urlencoded",
          "application/xml",
          "application/yaml",
          "application/x-yaml");

  /** The form for a Content-Type; parameters and case do not matter. */
  static DataForm of(String type) {
    int semicolon = type.indexOf(';');
    String name =
        (semicolon < 0 ? type : type.substring(0, semicolon)).trim().toLowerCase(Locale.ROOT);
    if (name.equals("application/json") || name.equals("text/json") || name.endsWith("+json")) {
      return JSON;
    }
    boolean text =
        name.startsWith("text/")
            || TEXTS.contains(name)
            || name.endsWith("+xml")
            || name.endsWith("+yaml");
    return text ? TEXT : BINARY;
  }
}
