package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.server.Exchange;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** What clients, consoles and probes ask of the server itself. */
final class ServerHandler {
  private final Configs configs;
  private final BooleanSupplier isGuarded;

  ServerHandler(Configs configs, BooleanSupplier isGuarded) {
    this.configs = configs;
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
    Answers.json(
        exchange,
        Answers.JSON
            .createObjectNode()
            .put("server", "posthaste")
            .put("function_mode", "config")
            .put("auth_enabled", Boolean.toString(isGuarded.getAsBoolean())));
  }

  void namespaces(Exchange exchange, Session session) {
    Answers.later(
        exchange,
        CompletableFuture.supplyAsync(
            () -> configs.namespaces(key -> session.mayRead(key.topic()))),
        counts -> {
          ObjectNode json = Answers.JSON.createObjectNode().put("code", 200).putNull("message");
          ArrayNode data = json.putArray("data");
          counts.forEach(
              (namespace, count) -> {
                boolean isDefault = namespace.equals(ConfigKey.DEFAULT_NAMESPACE);
                data.addObject()
                    .put("namespace", isDefault ? "" : namespace)
                    .put("namespaceShowName", namespace)
                    .put("configCount", count)
                    .put("type", isDefault ? 0 : 2);
              });
          Answers.json(exchange, json);
        });
  }

  /** Where servers are, for clients that know an endpoint only: here, as the client has it. */
  void servers(Exchange exchange) {
    String host = exchange.request().header("host");
    Answers.text(exchange, 200, (host == null ? "" : host) + "\n");
  }
}
