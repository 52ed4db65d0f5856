package io.posthaste.bench;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** As much of what Apollo clients speak as waiting for one config takes. */
final class ApolloWire {
  private static final String ID = "\"notificationId\":";

  private final String host;

  ApolloWire(String host) {
    this.host = host;
  }

  /** A poll for news of a config since a number; -1 if none is known. */
  String poll(int config, long since) {
    String notifications =
        "[{\"namespaceName\":\"%s\",\"notificationId\":%d}]"
            .formatted(NacosWire.name(config), since);
    return Target.request(
        "GET",
        "/notifications/v2?appId="
            + NacosWire.GROUP
            + "&cluster=default&notifications="
            + URLEncoder.encode(notifications, StandardCharsets.UTF_8),
        host);
  }

  /** The number that an answer tells. */
  static long told(String answer) {
    int from = answer.indexOf(ID) + ID.length();
    int end = from;
    while (end < answer.length() && Character.isDigit(answer.charAt(end))) {
      end++;
    }
    return Long.parseLong(answer.substring(from, end));
  }
}
