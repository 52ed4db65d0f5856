package io.posthaste.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line of a properties file as {@link java.util.Properties} reads it: a comment, a blank one, or
 * an entry, which may go over several lines of text. Immutable.
 *
 * @param raw all of it, with the characters that end it
 * @param body how many characters of that are left if what ends it is taken away, and a backslash
 *     that would continue it
 * @param key without escapes; null if it is no entry
 * @param value without escapes; empty if it is no entry
 * @param valueAt where in the text the value begins
 * @param isSplit whether {@code =} or {@code :} stands before that
 */
record PropertiesLine(
    String raw, int body, @Nullable String key, String value, int valueAt, boolean isSplit) {
  /** Reads the line that begins there; it has one character at least. */
  static PropertiesLine read(String text, int start) {
    int at = start;
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
    if (at == text.length() || isEnd(text.charAt(at))) {
      return other(text, start, at);
    }
    if (text.charAt(at) == '#' || text.charAt(at) == '!') {
      while (at < text.length() && !isEnd(text.charAt(at))) {
        at++;
      }
      return other(text, start, at);
    }
    return new EntryReader(text, start, at).read();
  }

  private static PropertiesLine other(String text, int start, int end) {
    return new PropertiesLine(
        text.substring(start, afterEnd(text, end)), end - start, null, "", 0, false);
  }

  /** A new entry. */
  static PropertiesLine entry(String key, String value, String lineEnd) {
    StringBuilder raw = new StringBuilder();
    escape(raw, key, true);
    raw.append('=');
    int valueAt = raw.length();
    escape(raw, value, false);
    int body = raw.length();
    return new PropertiesLine(raw.append(lineEnd).toString(), body, key, value, valueAt, true);
  }

  /** The lines of a comment; none if it is empty. */
  static List<PropertiesLine> comments(String comment, String lineEnd) {
    List<PropertiesLine> lines = new ArrayList<>();
    if (!comment.isEmpty()) {
      for (String line : comment.split("\r\n|\r|\n", -1)) {
        String body = line.isEmpty() ? "#" : "# " + line;
        lines.add(new PropertiesLine(body + lineEnd, body.length(), null, "", 0, false));
      }
    }
    return lines;
  }

  /** A blank line that ends as this one does: another end could be taken for a part of this. */
  PropertiesLine blankBehind() {
    return new PropertiesLine(end(), 0, null, "", 0, false);
  }

  boolean isComment() {
    String text = raw.stripLeading();
    return key == null && !text.isEmpty() && (text.charAt(0) == '#' || text.charAt(0) == '!');
  }

  /** A comment without its mark and the space behind that. */
  String comment() {
    String text = raw.substring(0, body).stripLeading().substring(1);
    return text.startsWith(" ") ? text.substring(1) : text;
  }

  /** The characters that end it; none where the text ends without. */
  String end() {
    return raw.substring(endOf(raw));
  }

  private static int endOf(String raw) {
    if (raw.endsWith("\r\n")) {
      return raw.length() - 2;
    }
    return isEnd(raw.charAt(raw.length() - 1)) ? raw.length() - 1 : raw.length();
  }

  /** An entry with another value. */
  PropertiesLine withValue(String value) {
    String before = raw.substring(0, valueAt);
    if (value.isEmpty()) {
      // With nothing behind it what continues the line would continue it with the next.
      before = before.substring(0, beforeContinuations(before));
    }
    StringBuilder changed = new StringBuilder(before);
    boolean split = isSplit;
    if (!split && (valueAt == body || startsLikeSeparator(value))) {
      changed.append('=');
      split = true;
    }
    int at = changed.length();
    escape(changed, value, false);
    int end = changed.length();
    return new PropertiesLine(changed.append(end()).toString(), end, key, value, at, split);
  }

  private static int beforeContinuations(String text) {
    int end = text.length();
    while (true) {
      int at = end;
      while (at > 0 && isSpace(text.charAt(at - 1))) {
        at--;
      }
      at -= text.startsWith("\r\n", at - 2) ? 2 : 1;
      if (at < 1 || !isEnd(text.charAt(at)) || text.charAt(at - 1) != '\\') {
        return end;
      }
      end = at - 1;
    }
  }

  private static boolean startsLikeSeparator(String value) {
    return !value.isEmpty() && (value.charAt(0) == '=' || value.charAt(0) == ':');
  }

  /** The same so that a line behind it stays a line of its own. */
  PropertiesLine withoutContinuation() {
    if (body == endOf(raw)) {
      return this;
    }
    String kept = raw.substring(0, body);
    return key != null && kept.isBlank()
        ? entry(key, value, end()) // a lone backslash, which is an entry of nothing
        : new PropertiesLine(kept + end(), body, key, value, valueAt, isSplit);
  }

  /** The same ended. */
  PropertiesLine ended(String lineEnd) {
    return end().isEmpty()
        ? new PropertiesLine(raw + lineEnd, body, key, value, valueAt, isSplit)
        : this;
  }

  static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\f';
  }

  static boolean isEnd(char c) {
    return c == '\n' || c == '\r';
  }

  /** Where the next line begins, if this one's text ends there. */
  static int afterEnd(String text, int end) {
    if (end == text.length()) {
      return end;
    }
    boolean isPair = text.startsWith("\r\n", end);
    return isPair ? end + 2 : end + 1;
  }

  private static void escape(StringBuilder out, String text, boolean isKey) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\f' -> out.append("\\f");
        case ' ' -> out.append(isKey || i == 0 ? "\\ " : " ");
        case '=', ':' -> out.append(isKey ? "\\" : "").append(c);
        case '#', '!' -> out.append(isKey && i == 0 ? "\\" : "").append(c);
        default -> {
          if (c < ' ' || c == 0x7f) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
  }
}
