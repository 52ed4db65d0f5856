package io.posthaste.engine.jetstream;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Topics as subjects of NATS and back. A segment is a token. What a token may not hold ({@code .},
 * {@code *}, {@code >}, a space, anything that is not ASCII), and what would need escaping in JSON,
 * is written as {@code %XX}, byte by byte of UTF-8; an empty segment as a lone {@code %}.
 *
 * <pre>
 *   chat/room 1//é  ◀──▶  chat.room%201.%.%C3%A9
 * </pre>
 *
 * The longest topic of 1,024 bytes becomes 3,072, which a server takes (its control line may have
 * 4,096).
 */
final class Subjects {
  private static final String HEX = "0123456789ABCDEF";

  private Subjects() {}

  /** The topic's subject, below a prefix that ends in a dot. */
  static String of(String prefix, Topic topic) {
    StringBuilder subject = new StringBuilder(prefix.length() + topic.name().length() + 8);
    subject.append(prefix);
    append(subject, topic.name());
    return subject.toString();
  }

  /**
   * The subjects that together match what the pattern matches, and nothing else but the server's
   * own topics; two where {@code #} stands for no segment as well.
   */
  static List<String> of(String prefix, TopicPattern pattern) {
    String text = pattern.text();
    if (text.equals("#")) {
      return List.of(prefix + ">");
    }
    if (!text.endsWith("/#")) {
      return List.of(filter(prefix, text));
    }
    String above = filter(prefix, text.substring(0, text.length() - 2));
    return List.of(above, above + ".>");
  }

  private static String filter(String prefix, String text) {
    StringBuilder subject = new StringBuilder(prefix);
    String[] segments = text.split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      if (i > 0) {
        subject.append('.');
      }
      if (segments[i].equals("+")) {
        subject.append('*');
      } else {
        append(subject, segments[i]);
      }
    }
    return subject.toString();
  }

  /** A filter for all topics whose names begin so, and some others. */
  static String ofPrefix(String prefix, String names) {
    int slash = names.lastIndexOf('/');
    return slash < 0 ? prefix + ">" : filter(prefix, names.substring(0, slash)) + ".>";
  }

  private static void append(StringBuilder subject, String segments) {
    int begin = subject.length();
    for (int i = 0; i < segments.length(); i++) {
      char c = segments.charAt(i);
      if (c == '/') {
        end(subject, begin);
        subject.append('.');
        begin = subject.length();
      } else if (isPlain(c)) {
        subject.append(c);
      } else if (c < 0x80) {
        escape(subject, c);
      } else {
        int codePoint = segments.codePointAt(i);
        i += Character.charCount(codePoint) - 1;
        for (byte b : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
          escape(subject, b & 0xff);
        }
      }
    }
    end(subject, begin);
  }

  private static void end(StringBuilder subject, int begin) {
    if (subject.length() == begin) {
      subject.append('%');
    }
  }

  private static void escape(StringBuilder subject, int value) {
    subject.append('%').append(HEX.charAt(value >> 4)).append(HEX.charAt(value & 15));
  }

  private static boolean isPlain(char c) {
    return c > ' ' && c < 0x7f && c != '.' && c != '*' && c != '>' && c != '%' && c != '"'
        && c != '\\';
  }

  /**
   * The topic of a subject.
   *
   * @throws MalformedException if none has this subject
   */
  static Topic topic(String prefix, String subject) {
    if (!subject.startsWith(prefix)) {
      throw new MalformedException("subject: " + subject + " (expected: " + prefix + "…)");
    }
    byte[] name = new byte[subject.length() - prefix.length()];
    int length = 0;
    boolean escaped = false;
    for (int i = prefix.length(); i < subject.length(); i++) {
      char c = subject.charAt(i);
      boolean lone = i + 1 == subject.length() || subject.charAt(i + 1) == '.';
      if (c == '.') {
        name[length++] = '/';
      } else if (c != '%') {
        name[length++] = (byte) c;
      } else if (!lone) {
        int high = i + 2 < subject.length() ? HEX.indexOf(subject.charAt(i + 1)) : -1;
        int low = high < 0 ? -1 : HEX.indexOf(subject.charAt(i + 2));
        if (low < 0) {
          throw new MalformedException("subject: " + subject + " (expected: %XX at " + i + ")");
        }
        name[length++] = (byte) (high << 4 | low);
        escaped = true;
        i += 2;
      }
    }
    return new Topic(
        new String(
            name, 0, length, escaped ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1));
  }
}
