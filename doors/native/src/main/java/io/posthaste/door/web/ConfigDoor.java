package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
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
 * {@code /v1/configs/{namespace}/{group}/{name}/…}: what there is of a config beside its versions,
 * which are a topic. Thread-safe.
 */
public final class ConfigDoor {
  private static final String PATH = "/v1/configs/";

  private final Configs configs;
  private final Guard guard;
  private final Map<String, ConfigResource> resources;

  /** A door onto configs. */
  public ConfigDoor(Configs configs, PublishRate rate, Guard guard) {
    this.configs = configs;
    this.guard = guard;
    InstancesResource who = new InstancesResource(configs);
    this.resources =
        Map.of(
            "gray", new GrayResource(configs.grays(), rate),
            "instances", who::instances,
            "propagation", who::propagation);
  }

  /** Who answers where, for the server's router. */
  public List<Route> routes() {
    Handler handler = guard.guard(NativeDoor.refusing(this::handle));
    return List.of(
        Route.under(PATH)
            .on("GET", handler)
            .on("PUT", handler)
            .on("POST", handler)
            .on("DELETE", handler)
            .maxBody(GrayBody.MAX_BYTES));
  }

  private void handle(Exchange exchange, Session session) {
    if (!configs.isReady()) {
      Answers.problem(
          exchange,
          new Refusal(503, "unavailable", "configs are still being read (expected: a retry)"));
      return;
    }
    List<String> parts =
        Arrays.stream(exchange.request().rawPath().substring(PATH.length()).split("/", -1))
            .map(PercentCoding::decode)
            .toList();
    ConfigResource resource = parts.size() < 4 ? null : resources.get(parts.get(3));
    if (resource == null) {
      throw new MalformedException(
          "path: nothing is there (expected: /v1/configs/NAMESPACE/GROUP/NAME/"
              + String.join(" or /", resources.keySet().stream().sorted().toList())
              + ")");
    }
    resource.handle(
        exchange,
        session,
        new ConfigKey(parts.get(0), parts.get(1), parts.get(2)),
        parts.subList(4, parts.size()));
  }
}
