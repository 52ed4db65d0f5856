package io.posthaste.door.apollo;

import io.posthaste.config.ConfigPolicy;
import io.posthaste.config.Configs;
import io.posthaste.config.WaitRoom;
import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Guard;
import io.posthaste.server.Handler;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Route;
import java.util.List;

/** What Apollo clients ask of a config service, and its open API. Thread-safe. */
public final class ApolloDoor implements AutoCloseable {
  /** Half a value's characters may come escaped, as over other doors. */
  private static final int MAX_BODY_BYTES =
      ConfigPolicy.MAX_BYTES + ConfigPolicy.MAX_BYTES / 2 + (64 << 10);

  private static final long MOST_CACHED_BYTES = 64 << 20;

  private final Configs configs;
  private final Apps apps;
  private final Sessions sessions;
  private final ConfigHandler config;
  private final PollHandler polls;
  private final OpenApi openApi;

  /**
   * A door onto configs, whose {@link Configs#waitRoom room for those who wait} it shares with
   * other doors. Answers that are kept take a sixteenth of the heap, 64 MiB at most.
   *
   * @param hub on whose shards polls are parked
   */
  public ApolloDoor(
      Hub hub, Configs configs, PublishRate rate, Guard guard, ApolloOptions options) {
    this(hub, configs, rate, guard, options, configs.waitRoom());
  }

  ApolloDoor(
      Hub hub,
      Configs configs,
      PublishRate rate,
      Guard guard,
      ApolloOptions options,
      WaitRoom room) {
    this.configs = configs;
    this.sessions = new Sessions(guard);
    this.apps = new Apps(hub);
    Spellings spellings = new Spellings(configs);
    long cached = Math.min(MOST_CACHED_BYTES, Runtime.getRuntime().maxMemory() / 16);
    Callers callers = new Callers(configs.audience(), spellings);
    this.config =
        new ConfigHandler(configs, apps, spellings, callers, options, new AnswerCache(cached));
    this.polls = new PollHandler(hub, configs, apps, spellings, callers, options, room);
    this.openApi = new OpenApi(hub, configs, apps, spellings, options, rate);
  }

  /** Whether all is known that clients may ask for; until then they are refused. */
  public boolean isReady() {
    return configs.isReady() && apps.isReady();
  }

  /** How many configs the polls that are parked follow, each as often as it is followed. */
  public int listened() {
    return polls.listened();
  }

  /** Who answers where, for the server's router. */
  public List<Route> routes() {
    return List.of(
        Route.at("/services/config").on("GET", DiscoveryHandler::configServices),
        Route.at("/services/meta").on("GET", DiscoveryHandler::none),
        Route.at("/services/admin").on("GET", DiscoveryHandler::none),
        Route.under(ConfigHandler.CONFIGS).on("GET", client(config::config)),
        Route.under(ConfigHandler.FILES).on("GET", client(config::file)),
        Route.under(ConfigHandler.JSON_FILES).on("GET", client(config::jsonFile)),
        Route.under(ConfigHandler.RAW_FILES).on("GET", client(config::rawFile)),
        Route.under(OpenApi.ROOT)
            .on("GET", user(openApi::handle))
            .on("POST", user(openApi::handle))
            .on("PUT", user(openApi::handle))
            .on("DELETE", user(openApi::handle))
            .maxBody(MAX_BODY_BYTES),
        Route.at("/notifications").on("GET", client(polls::pollOne)),
        Route.at("/notifications/v2").on("GET", client(polls::poll)));
  }

  /**
   * Until all configs are known, nobody is told that one is not there: clients take this refusal
   * for a server that fails, and try again or elsewhere.
   */
  private Handler client(Guard.Guarded handler) {
    return whenReady(sessions.client(refusing(handler)));
  }

  private Handler user(Guard.Guarded handler) {
    return whenReady(sessions.user(refusing(handler)));
  }

  private Handler whenReady(Handler guarded) {
    return exchange -> {
      if (isReady()) {
        guarded.handle(exchange);
      } else {
        Answers.error(exchange, 503, "configs are still being read (expected: a retry)");
      }
    };
  }

  /** A handler whose refusals are as Apollo's are. */
  private static Guard.Guarded refusing(Guard.Guarded handler) {
    return (exchange, session) -> {
      try {
        handler.handle(exchange, session);
      } catch (MalformedException e) {
        Answers.error(exchange, 400, String.valueOf(e.getMessage()));
      }
    };
  }

  @Override
  public void close() {
    apps.close();
  }
}
