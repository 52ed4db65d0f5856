package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.posthaste.server.Exchange;
import java.util.function.BooleanSupplier;

/** What clients, consoles and probes ask of the server itself. */
final class ServerHandler {
  private final BooleanSupplier isGuarded;

  ServerHandler(BooleanSupplier isGuarded) {
    this.isGuarded = isGuarded;
  }

  void alive(Exchange exchange) {
    Answers.text(exchange, 200, "OK");
  }

  void up(Exchange exchange) {
    Answers.text(exchange, 200, "UP");
  }

  void metrics(Exchange exchange) {
    Answers.json(exchange, Answers.JSON.createObjectNode().put("status", "UP"));
  }

  void state(Exchange exchange) {
    ObjectNode state =
        Answers.JSON
            .createObjectNode()
            .put("server", "posthaste")
            .put("function_mode", "config")
            .put("auth_enabled", Boolean.toString(isGuarded.getAsBoolean()));
    Answers.json(exchange, state, state);
  }

  /** What nobody serves here. */
  void unknown(Exchange exchange) {
    Answers.text(
        exchange,
        404,
        "nothing is there (expected: what docs/config.md lists of v1, of v2 or of v3; services are"
            + " not registered here)\n");
  }

  /** As v3 says that all is well. */
  void well(Exchange exchange) {
    Results.ok(exchange, new TextNode("ok"));
  }

  /** Where servers are, for clients that know an endpoint only: here, as the client has it. */
  void servers(Exchange exchange) {
    String host = exchange.request().header("host");
    Answers.text(exchange, 200, (host == null ? "" : host) + "\n");
  }
}
