package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.posthaste.server.Exchange;
import io.posthaste.server.Request;

/** {@code /services/…}: where the servers are; here, as the client has it. */
final class DiscoveryHandler {
  private DiscoveryHandler() {}

  static void configServices(Exchange exchange) {
    Request request = exchange.request();
    String host = request.header("host");
    ArrayNode services = Answers.JSON.createArrayNode();
    if (host != null && !host.isEmpty()) {
      // What speaks TLS for us says so; it only tells the one who asks how he has asked.
      boolean isSecure =
          exchange.isSecure() || "https".equalsIgnoreCase(request.header("x-forwarded-proto"));
      services
          .addObject()
          .put("appName", "APOLLO-CONFIGSERVICE")
          .put("instanceId", "posthaste:" + host)
          .put("homepageUrl", (isSecure ? "https://" : "http://") + host + "/");
    }
    Answers.json(exchange, services);
  }

  static void none(Exchange exchange) {
    Answers.json(exchange, Answers.JSON.createArrayNode());
  }
}
