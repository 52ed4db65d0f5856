package io.posthaste.core;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** An unmodifiable copy of a message's headers that keeps the publisher's order. */
final class HeaderMap {
  private HeaderMap() {}

  static Map<String, String> copyOf(Map<String, String> headers) {
    // Map.of() is the JDK's immutable empty map: by far the most common case, and free.
    return headers.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }
}
