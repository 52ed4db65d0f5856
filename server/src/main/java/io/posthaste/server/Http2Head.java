package io.posthaste.server;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the head of a request as HTTP/2 brings it (RFC 9113, 8.3): decoded, and in parts. */
final class Http2Head {
  private static final int MAX_METHOD = 32;

  private Http2Head() {}

  /**
   * The head; null if it is malformed (RFC 9113, 8.1.1), which is no request to be answered.
   *
   * @throws Refusal if it breaks a rule
   */
  static @Nullable RequestHead of(Http2Headers headers) {
    CharSequence method = headers.method();
    CharSequence path = headers.path();
    if (method == null || path == null || path.length() == 0 || headers.scheme() == null) {
      return null;
    }
    CharSequence named = headers.authority();
    String authority = named == null ? null : value(":authority", named);
    List<String> all = new ArrayList<>(2 * headers.size());
    if (authority != null) {
      all.add("Host");
      all.add(authority);
    }
    StringBuilder cookies = new StringBuilder();
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      String name = header.getKey().toString();
      if (name.startsWith(":")) {
        continue;
      }
      String value = value(name, header.getValue());
      if (name.equals("host") && authority != null) {
        if (!value.equalsIgnoreCase(authority)) {
          throw new Refusal(400, "host: another than :authority (expected: the same)");
        }
      } else if (name.equals("cookie")) {
        // RFC 9113, 8.2.3: it may come in pieces.
        cookies.append(cookies.isEmpty() ? "" : "; ").append(value);
      } else {
        all.add(name);
        all.add(value);
      }
    }
    if (!cookies.isEmpty()) {
      all.add("cookie");
      all.add(cookies.toString());
    }
    byte[] target = bytes(path);
    if (target[0] != '/' && target[0] != '*') {
      throw new Refusal(400, ":path: no path (expected: a path that begins with /)");
    }
    return HeadRules.head(
        method(method.toString()),
        HeadRules.target(target, 0, target.length),
        1,
        all.toArray(new String[0]));
  }

  private static String method(String method) {
    if (method.isEmpty()
        || method.length() > MAX_METHOD
        || !method.chars().allMatch(Http1Head::isTokenCharacter)) {
      throw new Refusal(400, "method: not a token (expected: such as GET)");
    }
    return method;
  }

  private static String value(String name, CharSequence value) {
    byte[] bytes = bytes(value);
    return HeadRules.value(name, bytes, 0, bytes.length).strip();
  }

  /** As they came: what is no ASCII is the sender's UTF-8. */
  private static byte[] bytes(CharSequence text) {
    return text instanceof AsciiString raw
        ? raw.toByteArray()
        : text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
