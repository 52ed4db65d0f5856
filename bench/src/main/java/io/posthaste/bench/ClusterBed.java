package io.posthaste.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A nats-server and some servers with one log in it, each on a free port of loopback. */
final class ClusterBed implements AutoCloseable {
  private static final Pattern TAKEN = Pattern.compile("\"in_msgs\": (\\d+)");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final ServerProcess nats;
  private final List<ServerProcess> nodes = new ArrayList<>();

  /**
   * Starts so many servers.
   *
   * @param command how one is started; knows {@code {port}} and {@code {dir}}
   * @param cpu the core that they all share, or -1
   * @throws LoadFailedException if there is no nats-server, or one does not get ready
   */
  ClusterBed(List<String> command, int count, int cpu) throws InterruptedException {
    int port = freePort();
    nats =
        ServerProcess.start(
            List.of(
                natsServer(),
                "-js",
                "-sd",
                "{dir}/nats",
                "-a",
                "127.0.0.1",
                "-p",
                "" + port,
                "-m",
                "{port}"),
            cpu,
            "/healthz");
    List<String> node = new ArrayList<>(command);
    node.addAll(List.of("--engine", "nats://127.0.0.1:" + port));
    try {
      for (int i = 0; i < count; i++) {
        nodes.add(ServerProcess.start(node, cpu, "/readyz"));
      }
    } catch (LoadFailedException e) {
      close();
      throw e;
    }
  }

  private static String natsServer() {
    for (String directory : (System.getenv("PATH") + ":/usr/sbin").split(":")) {
      File program = new File(directory, "nats-server");
      if (program.canExecute()) {
        return program.getPath();
      }
    }
    throw new LoadFailedException("no nats-server (expected: apt install nats-server)");
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new LoadFailedException("no free port: " + e.getMessage());
    }
  }

  InetSocketAddress address(int node) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), nodes.get(node).port());
  }

  List<InetSocketAddress> addresses() {
    return java.util.stream.IntStream.range(0, nodes.size()).mapToObj(this::address).toList();
  }

  ServerProcess node(int index) {
    return nodes.get(index);
  }

  /** Messages that the nats-server has taken so far, from servers and for its own use. */
  long takenByNats() throws InterruptedException {
    String body = get("http://127.0.0.1:" + nats.port() + "/varz");
    Matcher taken = TAKEN.matcher(body);
    if (!taken.find()) {
      throw new LoadFailedException("nats-server tells no in_msgs");
    }
    return Long.parseLong(taken.group(1));
  }

  private static String get(String url) throws InterruptedException {
    try {
      return HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new LoadFailedException(url + ": " + e.getMessage());
    }
  }

  /** Publishes a batch, lines of ndjson, at a server. */
  void publish(int node, String lines) throws InterruptedException {
    URI batch = URI.create("http://127.0.0.1:" + nodes.get(node).port() + "/v1/batch");
    try {
      int status =
          HTTP.send(
                  HttpRequest.newBuilder(batch)
                      .POST(HttpRequest.BodyPublishers.ofString(lines))
                      .build(),
                  BodyHandlers.ofString())
              .statusCode();
      if (status != 200) {
        throw new LoadFailedException("a batch was answered with " + status);
      }
    } catch (IOException e) {
      throw new LoadFailedException("a batch could not be published: " + e.getMessage());
    }
  }

  @Override
  public void close() throws InterruptedException {
    for (ServerProcess node : nodes) {
      node.close();
    }
    nats.close();
  }
}
