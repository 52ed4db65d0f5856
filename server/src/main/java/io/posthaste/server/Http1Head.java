package io.posthaste.server;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses the head of a request (RFC 9112, 2 to 5), whole, and strictly: what two parsers might
 * understand differently is refused with 400, for that is how requests are smuggled past a proxy.
 */
final class Http1Head {
  private static final int MAX_METHOD = 32;

  private final byte[] bytes;
  private int at;

  private Http1Head(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Parses.
   *
   * @param bytes from the request line to the empty line; each line is known to end in CRLF
   * @throws Refusal if the head breaks a rule
   */
  static RequestHead parse(byte[] bytes) {
    return new Http1Head(bytes).parse();
  }

  private RequestHead parse() {
    int lineEnd = lineEnd();
    String method = token(' ', MAX_METHOD, "method");
    int targetFrom = at;
    while (at < lineEnd && bytes[at] != ' ') {
      at++;
    }
    String target = HeadRules.target(bytes, targetFrom, at);
    int minorVersion = version(lineEnd);
    at = lineEnd + 2;
    String[] headers = headers();
    return HeadRules.head(method, target, minorVersion, headers);
  }

  private int version(int lineEnd) {
    if (at >= lineEnd) {
      throw bad("request line: has no version (expected: METHOD TARGET HTTP/1.1)");
    }
    String version = new String(bytes, at + 1, lineEnd - at - 1, StandardCharsets.ISO_8859_1);
    boolean known = version.length() == 8 && version.startsWith("HTTP/");
    if (!known
        || version.charAt(6) != '.'
        || !isDigit(version.charAt(5))
        || !isDigit(version.charAt(7))) {
      throw bad("request line: ends in no version (expected: METHOD TARGET HTTP/1.1)");
    }
    if (version.charAt(5) != '1') {
      throw new Refusal(505, "version: " + version + " (expected: HTTP/1.1 or HTTP/1.0)");
    }
    return version.charAt(7) == '0' ? 0 : 1;
  }

  private String[] headers() {
    List<String> headers = new ArrayList<>(16);
    for (int end = lineEnd(); end > at; end = lineEnd()) {
      if (bytes[at] == ' ' || bytes[at] == '\t') {
        throw bad("header: goes on in a second line (expected: each header on one line)");
      }
      headers.add(token(':', end - at, "header name"));
      int from = at;
      int to = end;
      while (from < to && isBlank(bytes[from])) {
        from++;
      }
      while (to > from && isBlank(bytes[to - 1])) {
        to--;
      }
      headers.add(HeadRules.value(headers.get(headers.size() - 1), bytes, from, to));
      at = end + 2;
    }
    return headers.toArray(new String[0]);
  }

  /** Reads a token (RFC 9110, 5.6.2) and the delimiter after it. */
  private String token(char delimiter, int max, String what) {
    int from = at;
    while (at < bytes.length && bytes[at] != delimiter) {
      if (!isTokenCharacter(bytes[at]) || at - from >= max) {
        throw bad(
            what
                + ": not a token (expected: letters, digits, hyphens, then \""
                + delimiter
                + "\")");
      }
      at++;
    }
    if (at == from || at == bytes.length) {
      throw bad(what + ": empty (expected: letters, digits, hyphens)");
    }
    return new String(bytes, from, at++ - from, StandardCharsets.ISO_8859_1);
  }

  /** Where the line that begins here ends: the index of its CR. */
  private int lineEnd() {
    for (int i = at; i < bytes.length - 1; i++) {
      if (bytes[i] == '\r') {
        if (bytes[i + 1] != '\n') {
          throw bad("head: has a CR alone (expected: CR LF at the end of each line)");
        }
        return i;
      }
    }
    throw bad("head: has no end (expected: an empty line)");
  }

  private static Refusal bad(String detail) {
    return new Refusal(400, detail);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  static boolean isTokenCharacter(int c) {
    return c >= '0' && c <= '9'
        || c >= 'A' && c <= 'Z'
        || c >= 'a' && c <= 'z'
        || c > 0 && "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }
}
