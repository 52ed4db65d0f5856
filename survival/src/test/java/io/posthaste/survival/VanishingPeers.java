package io.posthaste.survival;

import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.TcpClient;
import io.posthaste.door.tcp.TcpListener;
import io.posthaste.door.tcp.TcpMessage;
import io.posthaste.door.web.NativeClients;
import io.posthaste.testkit.Unshared;
import io.posthaste.testkit.Want;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A host with a reader of each kind that waits for a server on the host that this is made on, which
 * needs a network of its own: it is given an end of the cable between the two.
 */
final class VanishingPeers implements AutoCloseable {
  private static final String SERVERS_ADDRESS = "192.0.2.1";
  private static final String PEERS_ADDRESS = "192.0.2.2";

  private final Process host;
  private final BufferedReader heard;
  private final PrintWriter told;

  VanishingPeers(int httpPort, int tcpPort) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("unshare", "--net"));
    command.addAll(Unshared.java(Host.class, String.valueOf(httpPort), String.valueOf(tcpPort)));
    host = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    heard =
        new BufferedReader(new InputStreamReader(host.getInputStream(), StandardCharsets.UTF_8));
    told = new PrintWriter(host.getOutputStream(), true, StandardCharsets.UTF_8);
    hear("there");
    run(
        "ip",
        "link",
        "add",
        "toPeers",
        "type",
        "veth",
        "peer",
        "name",
        "toServer",
        "netns",
        String.valueOf(host.pid()));
    run("ip", "address", "add", SERVERS_ADDRESS + "/24", "dev", "toPeers");
    run("ip", "link", "set", "toPeers", "up");
  }

  /** Returns once all readers are served. */
  void connect() throws IOException {
    told.println("connect");
    hear("connected");
  }

  /** From now on the server hears nothing of them. */
  void vanish() throws IOException {
    told.println("vanish");
    hear("vanished");
  }

  private void hear(String expected) throws IOException {
    String line = heard.readLine();
    if (!expected.equals(line)) {
      throw new IOException("the peers' host said: " + line + " (expected: " + expected + ")");
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    int exit =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .start()
            .waitFor();
    if (exit != 0) {
      throw new IOException(String.join(" ", command) + " failed with " + exit);
    }
  }

  @Override
  public void close() {
    host.destroyForcibly();
  }

  /** What is done on that host. */
  static final class Host {
    private Host() {}

    public static void main(String[] arguments) throws Exception {
      BufferedReader commands =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      System.out.println("there");
      List<AutoCloseable> readers = new ArrayList<>(); // held, so that they stay open
      for (String command = commands.readLine(); command != null; command = commands.readLine()) {
        switch (command) {
          case "connect" -> {
            run("ip", "address", "add", PEERS_ADDRESS + "/24", "dev", "toServer");
            run("ip", "link", "set", "toServer", "up");
            connect(readers, Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
            System.out.println("connected");
          }
          case "vanish" -> {
            run("ip", "route", "add", "blackhole", SERVERS_ADDRESS);
            System.out.println("vanished");
          }
          default -> throw new IllegalArgumentException(command);
        }
      }
    }

    private static void connect(List<AutoCloseable> readers, int httpPort, int tcpPort)
        throws Exception {
      InetSocketAddress http = new InetSocketAddress(SERVERS_ADDRESS, httpPort);
      readers.add(NativeClients.open("SSE", http, Want.of("a")));
      readers.add(NativeClients.open("WebSocket", http, Want.of("a")));
      Socket poll = new Socket(SERVERS_ADDRESS, httpPort);
      poll.getOutputStream()
          .write(
              "GET /v1/updates?topic=a&wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      readers.add(poll);
      TcpClient tcp = TcpClient.connect(new InetSocketAddress(SERVERS_ADDRESS, tcpPort)).get();
      readers.add(tcp);
      CompletableFuture<String> place = new CompletableFuture<>();
      tcp.subscribe(
          Subscription.to(new TopicPattern("a"), Start.NOW),
          new TcpListener() {
            @Override
            public void onMessage(TcpMessage message) {}

            @Override
            public void onPlace(String cursor) {
              place.complete(cursor);
            }
          });
      place.get();
    }
  }
}
