package io.posthaste.testkit;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Real nats-server processes with JetStream, one or a cluster, on free ports of 127.0.0.1, with
 * their files in a directory of their own. They end with {@link #close}, and so do their files.
 * Needs {@code nats-server} on the path or in {@code /usr/sbin}.
 */
public final class NatsServers implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(30);

  /** Large enough for a payload of 1 MiB with its headers. */
  private static final String MAX_PAYLOAD = "4MB";

  private final Path directory;
  private final List<NatsServer> servers;

  private NatsServers(Path directory, List<NatsServer> servers) {
    this.directory = directory;
    this.servers = servers;
  }

  /** One server, ready. */
  public static NatsServers single() throws IOException {
    return start(1, "");
  }

  /** A cluster of three, ready: JetStream has a leader. */
  public static NatsServers cluster() throws IOException {
    return start(3, "");
  }

  /**
   * So many servers, ready, each with these further lines of configuration.
   *
   * @param count 1, or 3 and more for a cluster
   */
  public static NatsServers start(int count, String configuration) throws IOException {
    Path directory = Files.createTempDirectory("nats");
    List<Integer> ports = freePorts(3 * count);
    String routes =
        IntStream.range(0, count)
            .mapToObj(i -> "nats-route://127.0.0.1:" + ports.get(3 * i + 2))
            .collect(joining(", "));
    List<NatsServer> servers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path home = Files.createDirectory(directory.resolve("n" + (i + 1)));
      String text =
          "server_name: n%d%nlisten: \"127.0.0.1:%d\"%nhttp: \"127.0.0.1:%d\"%nmax_payload: %s%n"
              .formatted(i + 1, ports.get(3 * i), ports.get(3 * i + 1), MAX_PAYLOAD);
      text += "jetstream { store_dir: \"%s\" }%n".formatted(home);
      if (count > 1) {
        text +=
            "cluster { name: posthaste, listen: \"127.0.0.1:%d\", routes: [%s] }%n"
                .formatted(ports.get(3 * i + 2), routes);
      }
      Path file = Files.writeString(home.resolve("nats.conf"), text + configuration + "\n");
      servers.add(
          new NatsServer("n" + (i + 1), home, file, ports.get(3 * i), ports.get(3 * i + 1)));
    }
    NatsServers all = new NatsServers(directory, List.copyOf(servers));
    try {
      for (NatsServer server : servers) {
        server.start();
      }
      all.awaitReady();
      return all;
    } catch (IOException | RuntimeException | Error e) {
      all.close();
      throw e;
    }
  }

  /** Held all at once, so that no two are the same. */
  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).collect(toList());
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  /** All of them, running or not. */
  public List<NatsServer> servers() {
    return servers;
  }

  /** The one of this number, from 0. */
  public NatsServer get(int index) {
    return servers.get(index);
  }

  /** Where clients connect, split by commas: {@code nats://127.0.0.1:4222,nats://…}. */
  public String urls() {
    return servers.stream().map(NatsServer::url).collect(joining(","));
  }

  /** Waits until every server that runs says that JetStream is healthy and, in a cluster, led. */
  public void awaitReady() {
    for (NatsServer server : servers) {
      if (server.isRunning()) {
        server.awaitReady(READY_WITHIN);
      }
    }
  }

  @Override
  public void close() throws IOException {
    servers.forEach(NatsServer::kill);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).collect(toList())) {
        Files.deleteIfExists(file);
      }
    }
  }
}
