package io.posthaste.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Three nats-servers in a cluster, each on a host of its own: {@code nats1} to {@code nats3}. */
final class NatsHosts implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final int CLIENTS = 4222;
  private static final int ROUTES = 6222;
  private static final int MONITORING = 8222;
  private static final int MONITORING_MILLIS = 1_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Host> hosts;
  private final List<Daemon> servers = new ArrayList<>();

  private NatsHosts(List<Host> hosts) {
    this.hosts = List.copyOf(hosts);
  }

  /**
   * Makes the hosts; the bridge must be there.
   *
   * @param directory for the servers' files, and for what they say
   */
  static NatsHosts make(Path directory) throws IOException, InterruptedException {
    List<Host> hosts = new ArrayList<>();
    for (int i = 1; i <= Fault.SERVERS; i++) {
      hosts.add(Host.make("nats" + i, 10 + i));
    }
    NatsHosts made = new NatsHosts(hosts);
    for (Host host : hosts) {
      made.servers.add(made.server(host, directory));
    }
    return made;
  }

  private Daemon server(Host host, Path directory) throws IOException {
    List<String> routes = new ArrayList<>();
    hosts.forEach(other -> routes.add("nats-route://" + other.address() + ":" + ROUTES));
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
                    CLIENTS,
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

  /** Starts them all, and returns once they are ready. */
  void start() throws IOException {
    for (Daemon server : servers) {
      server.start();
    }
    awaitReady();
  }

  void awaitReady() {
    servers.forEach(server -> server.awaitReady(START_LIMIT));
  }

  List<Daemon> servers() {
    return servers;
  }

  /** Where clients connect, in the order of the servers. */
  List<String> urls() {
    return hosts.stream().map(host -> "nats://" + host.address() + ":" + CLIENTS).toList();
  }

  List<Host> othersThan(Host one) {
    return hosts.stream().filter(host -> host != one).toList();
  }

  /** The server that leads the stream with most messages; some other one while none leads. */
  int leader(int otherwise) {
    for (Daemon server : servers) {
      try {
        String leader = leader(server);
        for (int i = 0; i < hosts.size(); i++) {
          if (hosts.get(i).name().equals(leader)) {
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

  /** Leaves what each says of its streams in a file beside what it logs. */
  void write(Path directory) throws IOException {
    for (Daemon server : servers) {
      URI streams = monitoring(server.host(), "/jsz?streams=true&config=true");
      try (InputStream said = streams.toURL().openStream()) {
        Files.write(directory.resolve(server.host().name() + ".json"), said.readAllBytes());
      }
    }
  }

  private static URI monitoring(Host host, String path) {
    return URI.create("http://" + host.address() + ":" + MONITORING + path);
  }

  @Override
  public void close() {
    servers.forEach(Daemon::close);
  }
}
