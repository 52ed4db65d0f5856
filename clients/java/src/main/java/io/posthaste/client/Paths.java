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

  /** The path of a topic. Slashes are encoded too, so that proxies leave empty segments alone. */
  static String topic(String topic) {
    String encoded = encode(topic);
    // Only where nobody would tidy it up does a slash stand as itself, to be read by people.
    boolean plain = !topic.contains("//") && !topic.startsWith("/") && !topic.endsWith("/");
    return "/v1/topics/" + (plain ? encoded.replace("%2F", "/") : encoded);
  }
}
