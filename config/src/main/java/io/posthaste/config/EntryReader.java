package io.posthaste.config;

import java.util.Arrays;

/** Reads an entry of a properties file as {@link java.util.Properties} does. For one entry. */
final class EntryReader {
  private final String text;
  private final int start;
  private final int first;

  // What the entry is without line ends and what is skipped around them, escapes still in it, and
  // where each character of that stands in the text.
  private final StringBuilder logical = new StringBuilder();
  private int[] places = new int[32];

  /**
   * @param start where the line begins
   * @param first its first character that is not white
   */
  EntryReader(String text, int start, int first) {
    this.text = text;
    this.start = start;
    this.first = first;
  }

  PropertiesLine read() {
    int end = first;
    boolean isEscaped = false;
    while (end < text.length()) {
      char c = text.charAt(end);
      if (!PropertiesLine.isEnd(c)) {
        add(c, end);
        isEscaped = c == '\\' && !isEscaped;
        end++;
        continue;
      }
      int next = PropertiesLine.afterEnd(text, end);
      if (!isEscaped || end + 1 == text.length()) {
        return line(isEscaped, next);
      }
      logical.setLength(logical.length() - 1);
      isEscaped = false;
      if (logical.length() == 0) {
        // Nothing but a backslash: java.util.Properties begins anew behind it.
        return new PropertiesLine(text.substring(start, next), first - start, null, "", 0, false);
      }
      end = next;
      while (end < text.length() && PropertiesLine.isSpace(text.charAt(end))) {
        end++;
      }
    }
    return line(isEscaped, end);
  }

  private void add(char c, int place) {
    int length = logical.length();
    if (length == places.length) {
      places = Arrays.copyOf(places, length * 2);
    }
    places[length] = place;
    logical.append(c);
  }

  /**
   * @param isEscaped whether it ends in a backslash that would continue it, if more came
   */
  private PropertiesLine line(boolean isEscaped, int end) {
    if (isEscaped) {
      logical.setLength(logical.length() - 1);
    }
    int length = logical.length();
    int keyEnd = 0;
    boolean isSplit = false;
    int valueAt = length;
    boolean escaped = false;
    for (; keyEnd < length; keyEnd++) {
      char c = logical.charAt(keyEnd);
      if (!escaped && (c == '=' || c == ':' || PropertiesLine.isSpace(c))) {
        isSplit = c == '=' || c == ':';
        valueAt = keyEnd + 1;
        break;
      }
      escaped = c == '\\' && !escaped;
    }
    for (; valueAt < length; valueAt++) {
      char c = logical.charAt(valueAt);
      if (PropertiesLine.isSpace(c)) {
        continue;
      }
      if (isSplit || c != '=' && c != ':') {
        break;
      }
      isSplit = true;
    }
    int body = length == 0 ? first - start : places[length - 1] + 1 - start;
    return new PropertiesLine(
        text.substring(start, end),
        body,
        unescape(0, keyEnd),
        unescape(valueAt, length),
        valueAt == length ? body : places[valueAt] - start,
        isSplit);
  }

  private String unescape(int from, int to) {
    StringBuilder plain = new StringBuilder(to - from);
    for (int i = from; i < to; i++) {
      char c = logical.charAt(i);
      if (c != '\\' || i + 1 == to) {
        plain.append(c);
        continue;
      }
      i++;
      char escaped = logical.charAt(i);
      switch (escaped) {
        case 'n' -> plain.append('\n');
        case 'r' -> plain.append('\r');
        case 't' -> plain.append('\t');
        case 'f' -> plain.append('\f');
        case 'u' -> {
          int code = code(i + 1, to);
          plain.append(code < 0 ? "\\u" : String.valueOf((char) code));
          i += code < 0 ? 0 : 4;
        }
        default -> plain.append(escaped);
      }
    }
    return plain.toString();
  }

  /** The number of four hexadecimal digits; -1 if they are none. */
  private int code(int from, int to) {
    int code = from + 4 <= to ? 0 : -1;
    for (int i = from; code >= 0 && i < from + 4; i++) {
      int digit = Character.digit(logical.charAt(i), 16);
      code = digit < 0 || logical.charAt(i) > 'f' ? -1 : code << 4 | digit;
    }
    return code;
  }
}
