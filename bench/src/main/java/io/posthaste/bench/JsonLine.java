package io.posthaste.bench;

import java.util.Locale;

/** Builds one flat JSON object on one line. */
final class JsonLine {
  private final StringBuilder out = new StringBuilder("{");

  JsonLine with(String name, String value) {
    name(name).append('"').append(escaped(value)).append('"');
    return this;
  }

  JsonLine with(String name, long value) {
    name(name).append(value);
    return this;
  }

  /** Three decimals; what is not a number becomes null. */
  JsonLine with(String name, double value) {
    if (Double.isFinite(value)) {
      name(name).append(String.format(Locale.ROOT, "%.3f", value));
    } else {
      name(name).append("null");
    }
    return this;
  }

  @Override
  public String toString() {
    return out + "}";
  }

  private StringBuilder name(String name) {
    if (out.length() > 1) {
      out.append(',');
    }
    return out.append('"').append(name).append("\":");
  }

  private static String escaped(String value) {
    StringBuilder text = new StringBuilder();
    for (char c : value.toCharArray()) {
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append(String.format("\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
