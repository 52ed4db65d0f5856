package io.posthaste.door.web;

import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.core.Presence;
import io.posthaste.server.AllowedSites;
import io.posthaste.server.ConnectionLimits;
import io.posthaste.server.Connections;
import io.posthaste.server.HttpLimits;
import io.posthaste.server.HttpServer;
import io.posthaste.server.Loops;
import io.posthaste.server.Router;
import io.posthaste.server.Tls;
import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.DoorServer;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A server with the native door on a free port of loopback. */
final class NativeServer implements DoorServer {
  /** Connects. */
  interface Connector {
    HttpConnection open(InetSocketAddress address) throws IOException;
  }

  final InetSocketAddress address;
  private final Loops loops = new Loops(2);
  private final Hub hub;
  private final Presence presence;
  private final Connections connections;
  private final NativeDoor door;
  private final Clients.Opener clients;
  private final Connector connector;
  private boolean down;

  NativeServer() throws IOException {
    this(NativeOptions.DEFAULT);
  }

  NativeServer(NativeOptions options) throws IOException {
    this(
        new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT)),
        ConnectionLimits.DEFAULT,
        options,
        Clients.Events::new);
  }

  NativeServer(Log log, Duration stall, Clients.Opener clients) throws IOException {
    this(log, ConnectionLimits.DEFAULT.withStall(stall), NativeOptions.DEFAULT, clients);
  }

  /**
   * A server that speaks TLS.
   *
   * @param connections how requests of other kinds are made
   */
  NativeServer(Log log, Duration stall, Tls tls, Clients.Opener clients, Connector connections)
      throws IOException {
    this(
        log,
        ConnectionLimits.DEFAULT.withStall(stall),
        NativeOptions.DEFAULT,
        clients,
        tls,
        connections);
  }

  NativeServer(Log log, ConnectionLimits limits, NativeOptions options, Clients.Opener clients)
      throws IOException {
    this(log, limits, options, clients, null, RawConnection::new);
  }

  private NativeServer(
      Log log,
      ConnectionLimits limits,
      NativeOptions options,
      Clients.Opener clients,
      @Nullable Tls tls,
      Connector connector)
      throws IOException {
    this.clients = clients;
    this.connector = connector;
    hub = new Hub(log, loops.executors(), HubOptions.defaults());
    loops.attach(hub.shards());
    presence = new Presence(hub, "test", Presence.LEASE);
    connections = new Connections(loops, log.nodes());
    door = new NativeDoor(hub, presence, connections, options);
    HttpLimits http = limited(limits);
    address =
        new HttpServer(loops, http, AllowedSites.OWN, new Router(door.routes()))
            .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls);
  }

  private static HttpLimits limited(ConnectionLimits limits) {
    HttpLimits usual = HttpLimits.DEFAULT;
    return new HttpLimits(
        limits,
        usual.maxRequestLineBytes(),
        usual.maxHeaderBytes(),
        usual.maxBodyBytes(),
        usual.maxDrainBytes(),
        usual.headTime(),
        usual.bodyPeriod(),
        usual.bodyPeriodBytes(),
        usual.idle(),
        usual.closeTime());
  }

  @Override
  public Hub hub() {
    return hub;
  }

  @Override
  public DoorClient open(Want want) throws IOException {
    return clients.open(address, want);
  }

  RawConnection connect() throws IOException {
    return new RawConnection(address);
  }

  @Override
  public String send(String malformed) throws IOException {
    try (HttpConnection connection = connector.open(address)) {
      String[] lines = malformed.split("\n");
      String[] headers = new String[lines.length - 1];
      System.arraycopy(lines, 1, headers, 0, headers.length);
      connection.get(lines[0], headers);
      HttpConnection.Head head = connection.head();
      return head.status() + " " + connection.text();
    }
  }

  @Override
  public void shutdown() {
    if (!down) {
      down = true;
      loops.drain(Duration.ofSeconds(4)).join();
    }
  }

  @Override
  public void close() {
    shutdown();
    door.close();
    connections.close();
    presence.close();
    hub.close();
    loops.close();
  }
}
