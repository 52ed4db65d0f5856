package io.posthaste.door.web;

import io.posthaste.server.JsonCheck;
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
    if (JsonCheck.isJson(type)) {
      return JSON;
    }
    String name = JsonCheck.mediaType(type);
    boolean text =
        name.startsWith("text/")
            || TEXTS.contains(name)
            || name.endsWith("+xml")
            || name.endsWith("+yaml");
    return text ? TEXT : BINARY;
  }
}
