package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;

/** How names stand in URLs (RFC 3986, section 2.1). */
final class Paths {
  private Paths() {}

  /** Percent-encodes everything that a query's value or a path's segment could not hold. */
  static String encode(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  /** The path of a topic. Slashes are encoded where somebody on the way might tidy up. */
  static String topic(String topic) {
    String encoded = encode(topic);
    return "/v1/topics/" + (isTidy(topic) ? encoded.replace("%2F", "/") : encoded);
  }

  /** Whether no segment is empty, or one that paths are normalized by (RFC 3986, 5.2.4). */
  private static boolean isTidy(String topic) {
    for (String segment : topic.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return true;
  }
}
