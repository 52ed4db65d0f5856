package io.posthaste.door.web;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.posthaste.access.Access;
import io.posthaste.access.AccessOptions;
import io.posthaste.config.ConfigPolicy;
import io.posthaste.config.Configs;
import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.core.Presence;
import io.posthaste.server.AllowedSites;
import io.posthaste.server.Connections;
import io.posthaste.server.Guard;
import io.posthaste.server.HttpLimits;
import io.posthaste.server.HttpServer;
import io.posthaste.server.Loops;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Route;
import io.posthaste.server.Router;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A server of topics and configs, and whoever asks it; access is set up as soon as somebody is
 * known.
 */
final class ConfigServer implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Loops loops = new Loops(2);
  private final Log log =
      new MemoryLog(MemoryLog.Options.of(new Policies(ConfigPolicy.before(List.of()))));
  final Hub hub = new Hub(log, loops.executors(), HubOptions.defaults());
  final Access access = new Access(hub, AccessOptions.DEFAULT);
  final Configs configs = new Configs(hub);
  private final Presence presence = new Presence(hub, "here", Presence.LEASE);
  private final Connections connections = new Connections(loops, log.nodes());
  private final Guard guard = Guard.of(access, "operators-secret");
  private final NativeDoor door =
      new NativeDoor(hub, presence, connections, NativeOptions.DEFAULT, guard);
  private final InetSocketAddress address;

  ConfigServer() throws Exception {
    loops.attach(hub.shards());
    access.onChange(loops::tellAccessChanged);
    now(access.whole());
    List<Route> routes = new ArrayList<>(door.routes());
    routes.addAll(new ConfigDoor(hub, configs, PublishRate.UNLIMITED, guard).routes());
    address =
        new HttpServer(loops, HttpLimits.DEFAULT, AllowedSites.OWN, new Router(routes))
            .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    await().until(configs::isReady);
  }

  static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, SECONDS);
  }

  HttpResponse<String> call(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
            .method(method, BodyPublishers.ofString(body.replace('\'', '"')));
    return HTTP.send(
        (headers.length == 0 ? request : request.headers(headers)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() throws Exception {
    loops.drain(Duration.ofSeconds(4)).join();
    door.close();
    connections.close();
    presence.close();
    configs.close();
    access.close();
    hub.close();
    loops.close();
    log.close();
  }
}
