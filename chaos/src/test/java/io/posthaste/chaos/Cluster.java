package io.posthaste.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.posthaste.door.web.NativeClients;
import io.posthaste.testkit.Wandering.Opener;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Three nats-servers and three nodes, each on a host of its own, and balancers in front of the
 * nodes, on the host of this program.
 *
 * <pre>
 *                      bridge 10.9.0.1: this program, balancers, readers, publishers
 *    ┌────────┬────────┬───┴────┬────────┬────────┐
 *  nats1    nats2    nats3    node1    node2    node3
 *   .11      .12      .13      .21      .22      .23
 * </pre>
 */
final class Cluster implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final String KEEP = "chaos/#=count:1000000";
  private static final int NATS = 4222;
  private static final int ROUTES = 6222;
  private static final int MONITORING = 8222;
  private static final int MONITORING_MILLIS = 1_000;
  private static final int HTTP = 8080;
  private static final int TCP = 7080;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final List<Daemon> nats = new ArrayList<>();
  private final List<Daemon> nodes = new ArrayList<>();
  private final Balancer http;
  private final Balancer tcp;

  private Cluster(Path directory) throws IOException, InterruptedException {
    this.directory = directory;
    Host.makeBridge();
    List<Host> natsHosts = new ArrayList<>();
    for (int i = 1; i <= Fault.SERVERS; i++) {
      natsHosts.add(Host.make("nats" + i, 10 + i));
    }
    List<InetSocketAddress> https = new ArrayList<>();
    List<InetSocketAddress> tcps = new ArrayList<>();
    for (Host host : natsHosts) {
      nats.add(natsServer(host, natsHosts));
    }
    for (int i = 1; i <= Fault.SERVERS; i++) {
      Host host = Host.make("node" + i, 20 + i);
      nodes.add(node(host, natsHosts));
      https.add(new InetSocketAddress(host.address(), HTTP));
      tcps.add(new InetSocketAddress(host.address(), TCP));
    }
    http = new Balancer(https);
    tcp = new Balancer(tcps);
  }

  /** Starts one, and returns once all of it is ready. */
  static Cluster start(Path directory) throws IOException, InterruptedException {
    Cluster cluster = new Cluster(directory);
    for (Daemon server : cluster.nats) {
      server.start();
    }
    cluster.nats.forEach(server -> server.awaitReady(START_LIMIT));
    for (Daemon node : cluster.nodes) {
      node.start();
    }
    cluster.nodes.forEach(node -> node.awaitReady(START_LIMIT));
    return cluster;
  }

  private Daemon natsServer(Host host, List<Host> all) throws IOException {
    List<String> routes = new ArrayList<>();
    all.forEach(other -> routes.add("nats-route://" + other.address() + ":" + ROUTES));
    Path home = Files.createDirectories(directory.resolve(host.name()));
    Path configuration =
        Files.writeString(
            home.resolve("nats.conf"),
            """
            server_name: %1$s
            listen: "%2$s:%3$d"
            http: "%2$s:%4$d"
            max_payload: 4MB
            jetstream { store_dir: "%5$s" }
            cluster { name: chaos, listen: "%2$s:%6$d", routes: [%7$s] }
            """
                .formatted(
                    host.name(),
                    host.address(),
                    NATS,
                    MONITORING,
                    home,
                    ROUTES,
                    String.join(", ", routes)));
    return new Daemon(
        host,
        List.of("nats-server", "-c", configuration.toString()),
        monitoring(host, "/healthz"),
        directory.resolve(host.name() + ".txt"));
  }

  private static URI monitoring(Host host, String path) {
    return URI.create("http://" + host.address() + ":" + MONITORING + path);
  }

  private Daemon node(Host host, List<Host> natsHosts) {
    List<String> urls = new ArrayList<>();
    natsHosts.forEach(nats -> urls.add("nats://" + nats.address() + ":" + NATS));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("io.posthaste.app.Posthaste", "serve", "--insecure"));
    command.addAll(List.of("--http", "0.0.0.0:" + HTTP, "--tcp", "0.0.0.0:" + TCP));
    command.addAll(List.of("--data", directory.resolve(host.name()).toString()));
    command.addAll(List.of("--engine", String.join(",", urls)));
    command.addAll(List.of("--keep", KEEP, "--drain", "1s"));
    URI ready = URI.create("http://" + host.address() + ":" + HTTP + "/readyz");
    return new Daemon(host, command, ready, directory.resolve(host.name() + ".txt"));
  }

  /** Where HTTP clients connect. */
  InetSocketAddress httpAddress() {
    return http.address();
  }

  /** Where TCP clients connect. */
  InetSocketAddress tcpAddress() {
    return tcp.address();
  }

  List<Daemon> nodes() {
    return nodes;
  }

  /** Where a node itself is reached over HTTP. */
  static InetSocketAddress directly(Daemon node) {
    return new InetSocketAddress(node.host().address(), HTTP);
  }

  /** What readers come by, each through a balancer. */
  Map<String, Opener> openers() {
    Map<String, Opener> openers = new LinkedHashMap<>();
    for (String technique : NativeClients.techniques()) {
      openers.put(technique, want -> NativeClients.open(technique, httpAddress(), want));
    }
    openers.put("fresh long polls", want -> new FreshPolls(httpAddress(), want, 5));
    openers.put("TCP", want -> new TcpReader(tcpAddress(), want));
    return openers;
  }

  /** Begins a fault; what is run mends it. */
  Mending inflict(Fault fault) throws IOException, InterruptedException {
    List<Daemon> kind = fault.what().isOfNode() ? nodes : nats;
    Daemon target = kind.get(fault.target());
    List<Host> natsHosts = nats.stream().map(Daemon::host).toList();
    switch (fault.what()) {
      case NODE_DIES, NATS_DIES -> {
        target.kill();
        return target::start;
      }
      case LEADER_DIES -> {
        Daemon leader = nats.get(leader(fault.target()));
        System.out.println("         the leader is " + leader.host());
        leader.kill();
        return leader::start;
      }
      case NODE_STOPPED -> {
        target.freeze();
        return target::thaw;
      }
      case NODE_CUT_OFF, NATS_CUT_OFF -> {
        target.host().cutOffFrom(natsHosts.stream().filter(h -> h != target.host()).toList());
        return () -> target.host().cutOffFrom(List.of());
      }
      case NODE_ON_POOR_CABLE, NATS_ON_POOR_CABLE -> {
        target.host().setPoor(true);
        return () -> target.host().setPoor(false);
      }
    }
    throw new IllegalArgumentException(fault.toString());
  }

  /** What mends a fault. */
  @FunctionalInterface
  interface Mending {
    void run() throws IOException, InterruptedException;
  }

  /** The nats-server that leads the stream with most messages; some other one while none leads. */
  private int leader(int otherwise) {
    for (Daemon server : nats) {
      try {
        String leader = leader(server);
        for (int i = 0; i < nats.size(); i++) {
          if (nats.get(i).host().name().equals(leader)) {
            return i;
          }
        }
      } catch (IOException away) {
        continue; // the next one knows, too
      }
    }
    return otherwise;
  }

  private static String leader(Daemon server) throws IOException {
    var connection =
        (HttpURLConnection) monitoring(server.host(), "/jsz?streams=true").toURL().openConnection();
    connection.setConnectTimeout(MONITORING_MILLIS);
    connection.setReadTimeout(MONITORING_MILLIS);
    String leader = "";
    long most = -1;
    try (InputStream body = connection.getInputStream()) {
      for (JsonNode account : JSON.readTree(body).path("account_details")) {
        for (JsonNode stream : account.path("stream_detail")) {
          long messages = stream.path("state").path("messages").asLong();
          if (messages > most) {
            most = messages;
            leader = stream.path("cluster").path("leader").asText();
          }
        }
      }
    }
    return leader;
  }

  /** Waits until all is ready again. */
  void awaitReady() {
    for (Daemon server : nats) {
      server.awaitReady(START_LIMIT);
    }
    for (Daemon node : nodes) {
      node.awaitReady(START_LIMIT);
    }
  }

  @Override
  public void close() throws IOException {
    http.close();
    tcp.close();
    nodes.forEach(Daemon::close);
    nats.forEach(Daemon::close);
  }
}
