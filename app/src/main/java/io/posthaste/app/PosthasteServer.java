package io.posthaste.app;

import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.door.web.NativeDoor;
import io.posthaste.server.AllowedSites;
import io.posthaste.server.ConnectionLimits;
import io.posthaste.server.HttpLimits;
import io.posthaste.server.HttpServer;
import io.posthaste.server.Loops;
import io.posthaste.server.Route;
import io.posthaste.server.Router;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole server, from the log up to the doors: built in this order, ended in the reverse. There
 * is no other place where parts meet.
 */
public final class PosthasteServer implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(PosthasteServer.class);
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(3);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // the youngest first
  private Optional<InetSocketAddress> http = Optional.empty();

  private PosthasteServer() {}

  /**
   * Starts a server; it serves on return.
   *
   * @throws CommandFailure if something it needs cannot be had: an address, the data directory
   */
  static PosthasteServer start(Settings settings) {
    PosthasteServer server = new PosthasteServer();
    try {
      server.build(settings);
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void build(Settings settings) {
    Log log = opened(log(settings));
    Loops loops = opened(new Loops(Loops.defaultCount()));
    Hub hub = opened(new Hub(log, loops.executors(), HubOptions.defaults()));
    loops.attach(hub.shards());
    NativeDoor door = opened(new NativeDoor(hub));

    ConnectionLimits connections =
        ConnectionLimits.DEFAULT.withHeartbeat(settings.heartbeat()).withStall(settings.stall());
    List<Route> routes = new ArrayList<>(door.routes());
    HttpServer httpServer =
        new HttpServer(
            loops,
            HttpLimits.DEFAULT.withConnection(connections),
            new AllowedSites(new HashSet<>(settings.allowHosts()), new HashSet<>(settings.cors())),
            new Router(routes));
    parts.push(() -> drain(loops));
    http = settings.http().map(place -> listen(Setting.HTTP, place, httpServer::listen));
  }

  private static Log log(Settings settings) {
    Policies policies = new Policies(settings.keep());
    return switch (settings.engine()) {
      case MEMORY -> new MemoryLog(MemoryLog.Options.of(policies));
      case EMBEDDED ->
          throw new CommandFailure("--engine embedded is not built in yet (expected: memory)");
    };
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  /** Something that can listen. */
  @FunctionalInterface
  private interface Listener {
    InetSocketAddress listen(InetSocketAddress address) throws IOException;
  }

  private static InetSocketAddress listen(Setting setting, HostPort place, Listener listener) {
    try {
      return listener.listen(place.address());
    } catch (IOException e) {
      throw PortTrouble.explain(setting, place, e);
    }
  }

  private static void drain(Loops loops) throws ExecutionException, InterruptedException {
    try {
      loops.drain(DRAIN_LIMIT).get(DRAIN_LIMIT.toMillis() + 500, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOGGER.warn("connections did not end in time connections={}", loops.traffic().connections());
    }
  }

  /** Where HTTP is served; empty for nowhere. */
  public Optional<InetSocketAddress> http() {
    return http;
  }

  /** Ends everything in order, within some 4 seconds: connections, doors, the hub, the log. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) { // whatever befalls one part, the others are to be ended
        LOGGER.error("ending failed", e);
      }
    }
  }
}
