package io.posthaste.chaos;

import io.posthaste.door.web.NativeClients;
import io.posthaste.testkit.Wandering.Opener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
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
  private static final int HTTP = 8080;
  private static final int TCP = 7080;

  private final Path directory;
  private final NatsHosts nats;
  private final List<Daemon> nodes = new ArrayList<>();
  private final Balancer http;
  private final Balancer tcp;

  private Cluster(Path directory) throws IOException, InterruptedException {
    this.directory = directory;
    Host.makeBridge();
    nats = NatsHosts.make(directory);
    List<InetSocketAddress> https = new ArrayList<>();
    List<InetSocketAddress> tcps = new ArrayList<>();
    for (int i = 1; i <= Fault.SERVERS; i++) {
      Host host = Host.make("node" + i, 20 + i);
      nodes.add(node(host));
      https.add(new InetSocketAddress(host.address(), HTTP));
      tcps.add(new InetSocketAddress(host.address(), TCP));
    }
    http = new Balancer(https);
    tcp = new Balancer(tcps);
  }

  /** Starts one, and returns once all of it is ready. */
  static Cluster start(Path directory) throws IOException, InterruptedException {
    Cluster cluster = new Cluster(directory);
    cluster.nats.start();
    for (Daemon node : cluster.nodes) {
      node.start();
    }
    cluster.nodes.forEach(node -> node.awaitReady(START_LIMIT));
    return cluster;
  }

  private Daemon node(Host host) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("io.posthaste.app.Posthaste", "serve", "--insecure"));
    command.addAll(List.of("--http", "0.0.0.0:" + HTTP, "--tcp", "0.0.0.0:" + TCP));
    command.addAll(List.of("--data", directory.resolve(host.name()).toString()));
    command.addAll(List.of("--engine", String.join(",", nats.urls())));
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
    List<Daemon> kind = fault.what().isOfNode() ? nodes : nats.servers();
    Daemon target = kind.get(fault.target());
    switch (fault.what()) {
      case NODE_DIES, NATS_DIES -> {
        target.kill();
        return target::start;
      }
      case LEADER_DIES -> {
        Daemon leader = nats.servers().get(nats.leader(fault.target()));
        System.out.println("         the leader is " + leader.host());
        leader.kill();
        return leader::start;
      }
      case NODE_STOPPED -> {
        target.freeze();
        return target::thaw;
      }
      case NODE_CUT_OFF, NATS_CUT_OFF -> {
        target.host().cutOffFrom(nats.othersThan(target.host()));
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

  /** Waits until all is ready again. */
  void awaitReady() {
    nats.awaitReady();
    for (Daemon node : nodes) {
      node.awaitReady(START_LIMIT);
    }
  }

  /** Leaves what the nats-servers say of their streams. */
  void write() throws IOException {
    nats.write(directory);
  }

  @Override
  public void close() throws IOException {
    http.close();
    tcp.close();
    nodes.forEach(Daemon::close);
    nats.close();
  }
}
