package io.posthaste.app;

import io.posthaste.access.Access;
import io.posthaste.access.AccessOptions;
import io.posthaste.config.ConfigPolicy;
import io.posthaste.config.Configs;
import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.Log;
import io.posthaste.core.LogException;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.core.Presence;
import io.posthaste.door.apollo.ApolloDoor;
import io.posthaste.door.nacos.NacosDoor;
import io.posthaste.door.tcp.TcpDoor;
import io.posthaste.door.tcp.TcpOptions;
import io.posthaste.door.web.ConfigDoor;
import io.posthaste.door.web.NativeDoor;
import io.posthaste.door.web.NativeOptions;
import io.posthaste.engine.jetstream.JetStreamLog;
import io.posthaste.engine.jetstream.JetStreamOptions;
import io.posthaste.engine.rocksdb.RocksLog;
import io.posthaste.server.AllowedSites;
import io.posthaste.server.ConnectionLimits;
import io.posthaste.server.ConnectionQuota;
import io.posthaste.server.Connections;
import io.posthaste.server.Guard;
import io.posthaste.server.Health;
import io.posthaste.server.HttpLimits;
import io.posthaste.server.HttpServer;
import io.posthaste.server.Loops;
import io.posthaste.server.Metrics;
import io.posthaste.server.Pages;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Route;
import io.posthaste.server.Router;
import io.posthaste.server.Tls;
import io.posthaste.server.TlsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole server, from the log up to the doors: built in this order, ended in the reverse. There
 * is no other place where parts meet.
 */
public final class PosthasteServer implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(PosthasteServer.class);
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(3);
  private static final Duration KNOWN_LIMIT = Duration.ofSeconds(15);
  private static final int MOST_OPERATORS = 128;
  private static final Duration OPERATORS_IDLE = Duration.ofSeconds(5);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // the youngest first
  private Optional<InetSocketAddress> http = Optional.empty();
  private Optional<InetSocketAddress> tcp = Optional.empty();
  private Optional<InetSocketAddress> nacos = Optional.empty();
  private Optional<InetSocketAddress> apollo = Optional.empty();

  private Optional<String> certificate = Optional.empty();
  private List<Route> routes = List.of();
  private Optional<ControlFile> control = Optional.empty();
  private volatile boolean ready;
  private volatile boolean ending;

  private PosthasteServer() {}

  /**
   * Starts a server within another program, such as a test; it serves on return.
   *
   * @param settings values by the names that they have in a configuration file; what is not there
   *     has its default
   * @throws RuntimeException if a setting makes no sense, or something it needs cannot be had; the
   *     message says what would be right
   */
  public static PosthasteServer start(Map<String, List<String>> settings) {
    Map<Setting, List<String>> given = new EnumMap<>(Setting.class);
    settings.forEach(
        (name, values) ->
            given.put(
                Setting.ofKey(name)
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "no setting is called "
                                    + name
                                    + " (expected: one such as "
                                    + Setting.nearest(name).key()
                                    + ")")),
                values));
    return start(Settings.of(new Configuration(given, Map.of(), Map.of())));
  }

  /**
   * Starts a server; it serves on return.
   *
   * @throws CommandFailure if something it needs cannot be had: an address, the data directory
   */
  static PosthasteServer start(Settings settings) {
    return start(settings, hub -> List.of());
  }

  /**
   * Starts a server that answers more than a server usually does.
   *
   * @param more makes further routes, over the hub
   */
  static PosthasteServer start(Settings settings, Function<Hub, List<Route>> more) {
    SafeStart.checkBeforeOpening(settings);
    return start(settings, server -> server.opened(log(settings)), more);
  }

  /** Starts a server over a log that several may have, and that stays the caller's. */
  static PosthasteServer start(Settings settings, Log log) {
    return start(settings, server -> log, hub -> List.of());
  }

  private static PosthasteServer start(
      Settings settings, Function<PosthasteServer, Log> log, Function<Hub, List<Route>> more) {
    PosthasteServer server = new PosthasteServer();
    try {
      server.build(settings, log.apply(server), more);
      return server;
    } catch (LogException e) {
      server.close();
      throw new CommandFailure(
          e.getCause() instanceof FileSystemException reason
              ? settings.data()
                  + " cannot be used: "
                  + Reasons.of(reason)
                  + " (expected: a directory that may be written to; name another with --data)"
              : String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void build(Settings settings, Log log, Function<Hub, List<Route>> more) {
    Tls tls = tls(settings.tls());

    // Who waits for messages.
    Loops loops = opened(new Loops(Loops.defaultCount(), settings.limits().quota()));
    Hub hub = opened(new Hub(log, loops.executors(), HubOptions.defaults()));
    loops.attach(hub.shards());

    Presence presence = opened(new Presence(hub, log.nodes().self(), Presence.LEASE));
    Connections connections = opened(new Connections(loops, log.nodes()));

    // Who may.
    Access access = opened(new Access(hub, AccessOptions.DEFAULT.withTokens(settings.tokens())));
    access.onChange(loops::tellAccessChanged);
    awaitWhole(access);
    SafeStart.check(settings, access.isSetUp());
    String secret = ControlFile.newSecret();
    Guard guard = Guard.of(access, secret);

    // What is configured.
    Configs configs = opened(new Configs(hub, settings.knowsInstances()));

    // What is answered over HTTP.
    Metrics metrics = new Metrics(loops.traffic());
    if (tls != null) {
      tls.addTo(metrics);
    }
    Figures.addHub(metrics, hub);
    PublishRate publishRate = settings.limits().publishRate();
    Figures.addLimits(metrics, loops.quota(), publishRate, access);
    List<Route> routes =
        new ArrayList<>(
            opened(
                    new NativeDoor(
                        hub,
                        presence,
                        connections,
                        NativeOptions.DEFAULT.withPublishRate(publishRate),
                        guard))
                .routes());
    routes.addAll(new ConfigDoor(hub, configs, publishRate, guard).routes());
    routes.addAll(new Health(loops, () -> obstacle(log, access, configs), metrics, guard).routes());
    routes.add(clientForPages().route());
    routes.add(new OpenApi().route());
    routes.addAll(more.apply(hub));
    List<Route> operators = new ArrayList<>();
    routes.stream()
        .filter(
            route -> route.path().startsWith("/v1/access/") || route.path().equals("/v1/updates"))
        .forEach(operators::add);
    if (log instanceof RocksLog onDisk) {
      Figures.addLog(metrics, onDisk);
      Route control = new Control(secret, onDisk).route();
      operators.add(control);
      if (tls == null) {
        routes.add(control);
      }
    }
    if (routes.stream().noneMatch(route -> route.path().equals("/"))) {
      routes.add(new FrontPage().route());
    }

    this.routes = List.copyOf(routes);

    // Who listens.
    ConnectionLimits limits =
        ConnectionLimits.DEFAULT.withHeartbeat(settings.heartbeat()).withStall(settings.stall());
    AllowedSites sites =
        new AllowedSites(Set.copyOf(settings.allowHosts()), Set.copyOf(settings.cors()));
    HttpLimits httpLimits = HttpLimits.DEFAULT.withConnection(limits);
    HttpServer httpServer = new HttpServer(loops, httpLimits, sites, new Router(routes));
    parts.push(() -> drain(loops, settings.drain()));
    http =
        settings
            .http()
            .map(place -> listen(Setting.HTTP, place, address -> httpServer.listen(address, tls)));
    TcpDoor tcpDoor = new TcpDoor(hub, presence, tcpOptions(settings, publishRate), guard);
    tcp =
        settings
            .tcp()
            .map(
                place ->
                    listen(
                        Setting.TCP,
                        place,
                        address -> tcpDoor.listen(loops, limits, address, tls)));
    if (settings.nacos().isPresent()) {
      Router router = new Router(new NacosDoor(hub, configs, publishRate, guard).routes());
      HttpServer forNacos = new HttpServer(loops, httpLimits, sites, router);
      nacos =
          settings
              .nacos()
              .map(place -> listen(Setting.NACOS, place, address -> forNacos.listen(address, tls)));
      // Clients that speak gRPC look for it on another port, unless they are told otherwise.
      settings
          .nacos()
          .flatMap(PosthasteServer::whereGrpcIsLookedFor)
          .ifPresent(
              place -> listen(Setting.NACOS, place, address -> forNacos.listen(address, tls)));
    }
    if (settings.apollo().place().isPresent()) {
      ApolloDoor door =
          opened(new ApolloDoor(hub, configs, publishRate, guard, settings.apollo().options()));
      HttpServer forApollo = new HttpServer(loops, httpLimits, sites, new Router(door.routes()));
      apollo =
          settings
              .apollo()
              .place()
              .map(
                  place ->
                      listen(Setting.APOLLO, place, address -> forApollo.listen(address, tls)));
    }
    boolean isAlone = log instanceof RocksLog;
    if (http.isPresent() && (tls == null || isAlone)) {
      // A command on this machine could neither tell our certificate nor show one, and must get in
      // where all others together have as many connections as they may: a port for it alone.
      InetSocketAddress own =
          isAlone
              ? listen(
                  Setting.HTTP,
                  new HostPort("127.0.0.1", 0),
                  new HttpServer(
                              loops,
                              httpLimits.withIdle(OPERATORS_IDLE),
                              AllowedSites.OWN,
                              new Router(operators))
                          .withQuota(ConnectionQuota.ofAll(MOST_OPERATORS))
                      ::listen)
              : http.get();
      control = Optional.of(new ControlFile(urlOf(own), secret));
      if (isAlone) {
        leaveControl(settings.data(), control.get());
      }
    }
    ready = true;
  }

  /** 1,000 above the port; nowhere above a port that was left to chance, or the highest. */
  private static Optional<HostPort> whereGrpcIsLookedFor(HostPort place) {
    int port = place.port() + 1_000;
    return place.port() == 0 || port > 0xffff
        ? Optional.empty()
        : Optional.of(new HostPort(place.host(), port));
  }

  private @Nullable Tls tls(TlsSettings settings) {
    if (settings.source().isEmpty()) {
      return null;
    }
    try {
      Tls tls = opened(Tls.of(settings.source().get(), settings.check().orElse(null)));
      certificate =
          Optional.of("fingerprint=%s expires=%s".formatted(tls.fingerprint(), tls.expiry()));
      return tls;
    } catch (TlsException e) {
      throw new CommandFailure("TLS: " + e.getMessage());
    }
  }

  /** Why this server should be sent no clients; empty if it should. */
  private Optional<String> obstacle(Log log, Access access, Configs configs) {
    if (!ready) {
      return Optional.of(ending ? "going down" : "not ready yet");
    }
    Optional<String> unread =
        configs.isReady() ? Optional.empty() : Optional.of("configs are still being read");
    return log.failure().or(access::obstacle).or(() -> unread);
  }

  /** Waits a while; until all is known nobody is served. */
  private static void awaitWhole(Access access) {
    try {
      access.whole().toCompletableFuture().get(KNOWN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new CommandFailure(
          "what is granted could not be read within "
              + KNOWN_LIMIT.toSeconds()
              + " s (expected: a log that answers; try again)");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted");
    }
  }

  /** The JavaScript client, for pages to import as {@code /client/posthaste.js}. */
  private static Pages clientForPages() {
    return new Pages(
        PosthasteServer.class.getClassLoader(),
        ForkJoinPool.commonPool(),
        "/client/",
        "io/posthaste/app/client/",
        false);
  }

  /** What keeps the messages, opened. */
  static Log log(Settings settings) {
    Policies policies = new Policies(ConfigPolicy.before(settings.keep()));
    if (settings.engine() == Settings.Engine.MEMORY) {
      return new MemoryLog(MemoryLog.Options.of(policies));
    }
    if (settings.engine() == Settings.Engine.CLUSTERED) {
      JetStreamOptions options = JetStreamOptions.of(settings.nats().servers(), policies);
      return JetStreamLog.open(
          options
              .withCredentials(settings.nats().credentials())
              .withAuthorities(settings.nats().authorities()));
    }
    RocksLog.Options options = RocksLog.Options.of(settings.data(), policies);
    return RocksLog.open(options.withLimits(settings.diskLimitBytes(), options.maxMemoryBytes()));
  }

  private static TcpOptions tcpOptions(Settings settings, PublishRate publishRate) {
    TcpOptions usual = TcpOptions.DEFAULT;
    Duration heartbeat = settings.heartbeat();
    return new TcpOptions(
        "posthaste/" + VersionCommand.version(),
        usual.helloLimit(),
        heartbeat,
        heartbeat.compareTo(usual.shortestHeartbeat()) < 0 ? heartbeat : usual.shortestHeartbeat(),
        heartbeat.compareTo(usual.longestHeartbeat()) > 0 ? heartbeat : usual.longestHeartbeat(),
        usual.readers(),
        usual.topics(),
        usual.polls(),
        usual.unanswered(),
        usual.unansweredBytes(),
        publishRate);
  }

  private static String urlOf(InetSocketAddress http) {
    InetAddress host =
        http.getAddress().isAnyLocalAddress()
            ? InetAddress.getLoopbackAddress()
            : http.getAddress();
    return "http://" + new HostPort(host.getHostAddress(), http.getPort());
  }

  /** Lets commands that may read the data directory find and control this server. */
  private void leaveControl(Path data, ControlFile file) {
    try {
      file.write(data);
      parts.push(() -> ControlFile.delete(data));
    } catch (IOException e) {
      throw new CommandFailure(data + " cannot be written to: " + Reasons.of(e));
    }
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

  /**
   * First only readiness says that the server goes, so that whoever sends it clients stops; then
   * connections are told to move on, over as long again.
   */
  private static void drain(Loops loops, Duration drain)
      throws ExecutionException, InterruptedException {
    if (!drain.isZero()) {
      LOGGER.info("no longer ready, moves connections on in millis={}", drain.toMillis());
      TimeUnit.MILLISECONDS.sleep(drain.toMillis());
    }
    try {
      loops
          .drain(drain, DRAIN_LIMIT)
          .get(drain.plus(DRAIN_LIMIT).toMillis() + 500, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOGGER.warn("connections did not end in time connections={}", loops.traffic().connections());
    }
  }

  /** Where HTTP is served; empty for nowhere. */
  public Optional<InetSocketAddress> http() {
    return http;
  }

  /** Where the binary protocol is served; empty for nowhere. */
  public Optional<InetSocketAddress> tcp() {
    return tcp;
  }

  /** Where Apollo clients are served; empty for nowhere. */
  public Optional<InetSocketAddress> apollo() {
    return apollo;
  }

  /** Where Nacos clients are served; empty for nowhere. */
  public Optional<InetSocketAddress> nacos() {
    return nacos;
  }

  /** The certificate by which ports speak TLS, as it is told at the start; empty for no TLS. */
  Optional<String> certificate() {
    return certificate;
  }

  /** How a command of this process may control this server; empty without HTTP, or by TLS only. */
  Optional<ControlFile> control() {
    return control;
  }

  /** Who answers where over HTTP. */
  List<Route> routes() {
    return routes;
  }

  /**
   * Ends everything in order, within some 4 seconds and twice the time to drain: connections,
   * doors, the hub, the log.
   */
  @Override
  public void close() {
    ending = true;
    ready = false;
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
