package io.posthaste.door.nacos;

import io.posthaste.access.Access;
import io.posthaste.config.ConfigPolicy;
import io.posthaste.config.Configs;
import io.posthaste.config.WaitRoom;
import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Guard;
import io.posthaste.server.Handler;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Route;
import java.util.ArrayList;
import java.util.List;

/**
 * What Nacos clients ask of a config server: those of the 1.x line over HTTP, whatever begins with
 * {@code /nacos/}; later ones over gRPC, and by HTTP to log in. Thread-safe.
 */
public final class NacosDoor {
  private static final String ROOT = "/nacos/v1/";
  private static final String ROOT_2 = "/nacos/v2/";
  private static final String ROOT_3 = "/nacos/v3/";

  /** Each byte may come percent-encoded, and there are names beside the content. */
  private static final int MAX_PUBLISH_BYTES = 3 * ConfigPolicy.MAX_BYTES + (256 << 10);

  private static final int MAX_LISTENING_BYTES = 8 << 20;

  private final Configs configs;
  private final PublishRate rate;
  private final PollHandler polls;
  private final GrpcDoor grpc;
  private final Guard guard;
  private final Sessions sessions;

  /**
   * A door onto configs, whose {@link Configs#waitRoom room for those who wait} it shares with
   * other doors.
   *
   * @param hub on whose shards polls are parked
   */
  public NacosDoor(Hub hub, Configs configs, PublishRate rate, Guard guard) {
    this(hub, configs, rate, guard, configs.waitRoom());
  }

  NacosDoor(Hub hub, Configs configs, PublishRate rate, Guard guard, WaitRoom room) {
    this.guard = guard;
    this.sessions = new Sessions(guard);
    this.configs = configs;
    this.rate = rate;
    this.polls = new PollHandler(hub, configs, room);
    this.grpc = new GrpcDoor(hub, configs, rate, sessions, room);
  }

  /**
   * How many configs the polls that are parked listen to, each counted as often as it is listened
   * to.
   */
  public int listened() {
    return polls.listened() + grpc.listened();
  }

  /** Who answers where, for the server's router. */
  public List<Route> routes() {
    List<Route> routes = new ArrayList<>(grpc.routes());
    routes.addAll(httpRoutes());
    return routes;
  }

  private List<Route> httpRoutes() {
    NamespaceHandler namespaces = new NamespaceHandler(configs, false);
    ListenersHandler listeners = new ListenersHandler(configs);
    ServerHandler server = new ServerHandler(this::isGuarded);
    List<Route> routes = new ArrayList<>(ofV1(namespaces, listeners, server));
    routes.add(unknown(ROOT, server));
    routes.add(Route.at("/nacos/serverlist").on("GET", server::servers));
    List<Route> results = new ArrayList<>(ofV2(namespaces));
    results.addAll(ofV3(new NamespaceHandler(configs, true), listeners, server));
    results.add(unknown(ROOT_2, server));
    results.add(unknown(ROOT_3, server));
    results.forEach(route -> routes.add(ResultExchange.on(route)));
    return routes;
  }

  private static Route unknown(String root, ServerHandler server) {
    return Route.under(root)
        .on("GET", server::unknown)
        .on("POST", server::unknown)
        .on("PUT", server::unknown)
        .on("DELETE", server::unknown);
  }

  private List<Route> ofV1(
      NamespaceHandler namespaces, ListenersHandler listeners, ServerHandler server) {
    ConfigHandler config = new ConfigHandler(configs, rate);
    HistoryHandler history = new HistoryHandler(configs);
    return List.of(
        Route.at(ROOT + "cs/configs")
            .on("GET", whenReady(config::get))
            .on("POST", whenReady(config::publish))
            .on("DELETE", whenReady(config::delete))
            .maxBody(MAX_PUBLISH_BYTES),
        Route.at(ROOT + "cs/configs/listener")
            .on("POST", whenReady(polls))
            .on("GET", whenReady(listeners::ofConfig))
            .maxBody(MAX_LISTENING_BYTES),
        Route.at(ROOT + "cs/listener").on("GET", whenReady(listeners::ofAddress)),
        Route.at(ROOT + "cs/history").on("GET", whenReady(history::look)),
        Route.at(ROOT + "cs/history/previous").on("GET", whenReady(history::previous)),
        Route.at(ROOT + "auth/users/login").on("POST", refusing(sessions::login)),
        Route.at(ROOT + "console/health/liveness").on("GET", server::alive).forAnyHost(),
        Route.at(ROOT + "console/health/readiness")
            .on("GET", whenKnown(server::alive))
            .forAnyHost(),
        Route.at(ROOT + "cs/health").on("GET", whenKnown(server::up)).forAnyHost(),
        Route.at(ROOT + "ns/operator/metrics").on("GET", whenKnown(server::metrics)),
        Route.at(ROOT + "console/server/state").on("GET", server::state),
        Route.at(ROOT + "console/namespaces")
            .on("GET", whenReady(namespaces::ofV1))
            .on("POST", whenReady(namespaces::create))
            .on("PUT", whenReady(namespaces::update))
            .on("DELETE", whenReady(namespaces::remove)));
  }

  private List<Route> ofV2(NamespaceHandler namespaces) {
    ResultHandler config = new ResultHandler(configs, rate, "group");
    List<Route> routes = new ArrayList<>(histories(ROOT_2 + "cs/history", false));
    routes.add(
        Route.at(ROOT_2 + "cs/config")
            .on("GET", whenReady(config::content))
            .on("POST", whenReady(config::publish))
            .on("DELETE", whenReady(config::delete))
            .maxBody(MAX_PUBLISH_BYTES));
    routes.addAll(of(namespaces, ROOT_2 + "console/namespace"));
    return routes;
  }

  private List<Route> ofV3(
      NamespaceHandler namespaces, ListenersHandler listeners, ServerHandler server) {
    ResultHandler config = new ResultHandler(configs, rate, "groupName");
    AdminHandler admin = new AdminHandler(configs, rate);
    String configs3 = ROOT_3 + "admin/cs/config";
    List<Route> routes = new ArrayList<>(histories(ROOT_3 + "admin/cs/history", true));
    routes.add(Route.at(ROOT_3 + "auth/user/login").on("POST", refusing(sessions::login)));
    routes.add(Route.at(ROOT_3 + "client/cs/config").on("GET", whenReady(config::detail)));
    routes.add(
        Route.at(configs3)
            .on("GET", whenReady(config::whole))
            .on("POST", whenReady(config::publish))
            .on("DELETE", whenReady(config::delete))
            .maxBody(MAX_PUBLISH_BYTES));
    routes.add(Route.at(configs3 + "/metadata").on("PUT", whenReady(config::describe)));
    routes.add(Route.at(configs3 + "/batch").on("DELETE", whenReady(admin::delete)));
    routes.add(Route.at(configs3 + "/list").on("GET", whenReady(new Search(configs)::list)));
    routes.add(Route.at(configs3 + "/listener").on("GET", whenReady(listeners::ofConfig)));
    routes.add(
        Route.at(configs3 + "/beta")
            .on("GET", whenReady(config::beta))
            .on("DELETE", whenReady(config::stopBeta)));
    routes.add(
        Route.at(configs3 + "/clone")
            .on("POST", whenReady(admin::clone))
            .maxBody(AdminHandler.MAX_CLONE_BYTES));
    routes.add(Route.at(ROOT_3 + "admin/cs/listener").on("GET", whenReady(listeners::ofAddress)));
    for (String place : List.of("admin/core", "console/core")) {
      routes.addAll(of(namespaces, ROOT_3 + place + "/namespace"));
    }
    routes.add(Route.at(ROOT_3 + "admin/core/state").on("GET", server::state));
    routes.add(Route.at(ROOT_3 + "console/server/state").on("GET", server::state));
    for (String place : List.of("admin/core/state", "console/health")) {
      routes.add(Route.at(ROOT_3 + place + "/liveness").on("GET", server::well).forAnyHost());
      routes.add(
          Route.at(ROOT_3 + place + "/readiness").on("GET", whenKnown(server::well)).forAnyHost());
    }
    // Where nacos-maintainer-client 3.2 looks for it.
    routes.add(
        Route.at(ROOT_3 + "admin/core/ops/readiness")
            .on("GET", whenKnown(server::well))
            .forAnyHost());
    return routes;
  }

  private List<Route> histories(String path, boolean isOf3) {
    HistoryResults history = new HistoryResults(configs, isOf3);
    return List.of(
        Route.at(path).on("GET", whenReady(history::one)),
        Route.at(path + "/list").on("GET", whenReady(history::list)),
        Route.at(path + "/previous").on("GET", whenReady(history::previous)),
        Route.at(path + "/configs").on("GET", whenReady(history::configs)));
  }

  private List<Route> of(NamespaceHandler namespaces, String path) {
    return List.of(
        Route.at(path)
            .on("GET", whenReady(namespaces::show))
            .on("POST", whenReady(namespaces::create))
            .on("PUT", whenReady(namespaces::update))
            .on("DELETE", whenReady(namespaces::remove)),
        Route.at(path + "/list").on("GET", whenReady(namespaces::list)),
        Route.at(path + "/check").on("GET", whenReady(namespaces::check)),
        Route.at(path + "/exist").on("GET", whenReady(namespaces::exists)));
  }

  /**
   * Until all configs are known, nobody is told that there is none: clients would throw away their
   * last good copy. They take this refusal for a server that fails, and try again or elsewhere.
   */
  private Handler whenKnown(Handler handler) {
    Handler refusing = refusing(handler);
    return exchange -> {
      if (configs.isReady()) {
        refusing.handle(exchange);
      } else {
        Answers.unavailable(exchange, "configs are still being read (expected: a retry)");
      }
    };
  }

  private Handler whenReady(Guard.Guarded handler) {
    return whenKnown(
        sessions.guard(
            (exchange, session) -> refusing(e -> handler.handle(e, session)).handle(exchange)));
  }

  private boolean isGuarded() {
    Access access = guard.access();
    return access != null && access.isSetUp();
  }

  /** A handler whose refusals are texts, as Nacos' are. */
  private static Handler refusing(Handler handler) {
    return exchange -> {
      try {
        handler.handle(exchange);
      } catch (MalformedException e) {
        Answers.text(exchange, 400, e.getMessage() + "\n");
      }
    };
  }
}
