package io.posthaste.server;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What the head of a request is held to, whatever version of HTTP brought it. What two readers
 * might understand differently is refused.
 */
final class HeadRules {
  private HeadRules() {}

  /**
   * The head of a request.
   *
   * @param target what is asked for: a path, or all of an address
   * @param headers name, value, name, value …
   * @throws Refusal if they break a rule
   */
  static RequestHead head(String method, String target, int minorVersion, String[] headers) {
    String host = null;
    for (int i = 0; i < headers.length; i += 2) {
      if (headers[i].equalsIgnoreCase("Host")) {
        if (host != null) {
          throw bad("Host: several of them (expected: one)");
        }
        host = headers[i + 1];
      }
    }
    if (host == null && minorVersion == 1) {
      throw bad("Host: missing (expected: the host that is asked for)");
    }
    String path = target;
    if (path.regionMatches(true, 0, "http://", 0, 7)
        || path.regionMatches(true, 0, "https://", 0, 8)) {
      // RFC 9112, 3.2.2: the absolute form; its authority stands above Host.
      int from = path.indexOf("//") + 2;
      int to = from;
      while (to < path.length() && path.charAt(to) != '/' && path.charAt(to) != '?') {
        to++;
      }
      host = path.substring(from, to);
      path = path.substring(to);
      if (path.isEmpty() || path.charAt(0) == '?') {
        path = "/" + path;
      }
    }
    String asked = host == null ? "" : host.toLowerCase(Locale.ROOT);
    if (host != null && !AllowedSites.isAuthority(asked)) {
      throw bad("Host: not a host and port (expected: such as example.org:8080)");
    }
    int question = path.indexOf('?');
    String query = question < 0 ? "" : path.substring(question + 1);
    path = question < 0 ? path : path.substring(0, question);
    if (path.equals("*") && method.equals("OPTIONS")) {
      return new RequestHead(method, path, query, minorVersion, asked, headers);
    }
    if (!path.startsWith("/")) {
      throw bad(
          "request target: "
              + (method.equals("CONNECT") ? "this is no proxy" : "no path")
              + " (expected: a path that begins with /)");
    }
    refuseDotSegments(path);
    return new RequestHead(method, path, query, minorVersion, asked, headers);
  }

  /** Proxies and clients resolve such segments, so what is meant would depend on who reads it. */
  private static void refuseDotSegments(String path) {
    int from = 1;
    while (from <= path.length()) {
      int to = path.indexOf('/', from);
      if (to < 0) {
        to = path.length();
      }
      if (to > from && to - from <= 6) {
        String segment = path.substring(from, to).toLowerCase(Locale.ROOT).replace("%2e", ".");
        if (segment.equals(".") || segment.equals("..")) {
          throw bad("path: has a segment \"" + segment + "\" (expected: none of . and ..)");
        }
      }
      from = to + 1;
    }
  }

  /**
   * A request's target. It may hold raw UTF-8, as browsers' address bars and curl send it.
   *
   * @throws Refusal if it holds what must be percent-encoded
   */
  static String target(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      int b = bytes[i] & 0xff;
      if (b <= ' ' || b == 0x7f || b == '\\' || b == '#') {
        throw bad("request target: has a character that must be percent-encoded");
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, from, to - from))
          .toString();
    } catch (CharacterCodingException e) {
      throw bad("request target: not valid UTF-8 (expected: percent-encoded UTF-8)");
    }
  }

  /**
   * A header's value.
   *
   * @throws Refusal if it holds a control character
   */
  static String value(String name, byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      int b = bytes[i] & 0xff;
      if (b < ' ' && b != '\t' || b == 0x7f) {
        throw bad("header " + name + ": has a control character");
      }
    }
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  private static Refusal bad(String detail) {
    return new Refusal(400, detail);
  }
}
