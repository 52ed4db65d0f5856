package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.Handler;
import io.posthaste.server.PercentCoding;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Route;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * {@code /v1/configs/{namespace}/{group}/{name}}: the version that is meant for whoever asks, and
 * below it what there is of a config beside its versions, which are a topic; {@code
 * /v1/configs/sights} and {@code …/had} for those who follow many; and {@code
 * /v1/config-namespaces}. Thread-safe.
 */
public final class ConfigDoor {
  private static final String PATH = "/v1/configs/";

  /** Of the longest names that many will have. */
  private static final int MAX_LIST_BYTES = 8 << 20;

  private final Configs configs;
  private final Guard guard;
  private final SightsHandler sights;
  private final ConfigResource shown;
  private final Map<String, ConfigResource> resources;
  private final NamespacesHandler namespaces;

  /** A door onto configs. */
  public ConfigDoor(Hub hub, Configs configs, PublishRate rate, Guard guard) {
    this.configs = configs;
    this.guard = guard;
    this.sights = new SightsHandler(hub, configs);
    this.shown = new ShownResource(configs);
    this.namespaces = new NamespacesHandler(configs.namespaces(), rate);
    InstancesResource who = new InstancesResource(configs);
    this.resources =
        Map.of(
            "gray", new GrayResource(configs.grays(), rate),
            "instances", who::instances,
            "propagation", who::propagation);
  }

  /** Who answers where, for the server's router. */
  public List<Route> routes() {
    Handler handler = whenReady(this::handle);
    return List.of(
        Route.under(PATH)
            .on("GET", handler)
            .on("PUT", handler)
            .on("POST", handler)
            .on("DELETE", handler)
            .maxBody(GrayBody.MAX_BYTES),
        Route.at(PATH + "sights").on("POST", whenReady(sights::sights)).maxBody(MAX_LIST_BYTES),
        Route.at(PATH + "had").on("POST", whenReady(sights::had)).maxBody(MAX_LIST_BYTES),
        Route.at(NamespacesHandler.PATH).on("GET", whenReady(namespaces::list)),
        Route.under(NamespacesHandler.PATH + "/")
            .on("GET", whenReady(namespaces::show))
            .on("PUT", whenReady(namespaces::put))
            .on("DELETE", whenReady(namespaces::remove))
            .maxBody(NamespaceJson.MAX_BYTES));
  }

  private Handler whenReady(Guard.Guarded handler) {
    return guard.guard(
        NativeDoor.refusing(
            (exchange, session) -> {
              if (configs.isReady()) {
                handler.handle(exchange, session);
              } else {
                notYet(exchange);
              }
            }));
  }

  private static void notYet(Exchange exchange) {
    Answers.problem(
        exchange,
        new Refusal(503, "unavailable", "configs are still being read (expected: a retry)"));
  }

  private void handle(Exchange exchange, Session session) {
    List<String> parts =
        Arrays.stream(exchange.request().rawPath().substring(PATH.length()).split("/", -1))
            .map(PercentCoding::decode)
            .toList();
    ConfigResource resource = parts.size() == 3 ? shown : null;
    if (parts.size() > 3) {
      resource = resources.get(parts.get(3));
    }
    if (resource == null) {
      throw new MalformedException(
          "path: nothing is there (expected: /v1/configs/NAMESPACE/GROUP/NAME, or …/NAME/"
              + String.join(" or /", resources.keySet().stream().sorted().toList())
              + ")");
    }
    resource.handle(
        exchange,
        session,
        new ConfigKey(parts.get(0), parts.get(1), parts.get(2)),
        parts.subList(Math.min(4, parts.size()), parts.size()));
  }
}
