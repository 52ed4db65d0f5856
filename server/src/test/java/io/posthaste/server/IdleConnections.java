package io.posthaste.server;

import io.netty.util.internal.PlatformDependent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How much memory of the process does an idle held connection take? Not a test: run by hand, as
 * docs/decisions/0004-held-connections.md says. {@code main} starts a server of its own in another
 * process, opens connections of a kind from several loopback addresses, and prints how the server's
 * resident memory grows, each time after full collections.
 */
final class IdleConnections {
  private static final int EACH_ADDRESS = 5_000;
  private static final int STEP = 4_500;

  private IdleConnections() {}

  /**
   * Arguments: {@code hold}, {@code stream} or {@code socket}; how many; JVM flags of the server.
   */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("serve")) {
      serve();
      return;
    }
    int count = Integer.parseInt(args[1]);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(args).subList(2, args.length));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), IdleConnections.class.getName()));
    command.add("serve");
    Process server =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII))) {
      int port = Integer.parseInt(said.readLine());
      List<SocketChannel> open = new ArrayList<>();
      long last = collected(server, said);
      while (open.size() < count) {
        int step = Math.min(STEP, count - open.size());
        open(args[0], port, step, open);
        long now = collected(server, said);
        System.out.printf(
            "%s: %d connections, %.1f MiB, %d bytes more for each of the last %d%n",
            args[0], open.size(), now / 1048576.0, (now - last) / step, step);
        last = now;
      }
      for (SocketChannel channel : open) {
        channel.close();
      }
    } finally {
      server.destroy();
      server.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private static void open(String kind, int port, int count, List<SocketChannel> open)
      throws IOException {
    String request =
        kind.equals("socket")
            ? WebSocketTest.HANDSHAKE
            : "GET /"
                + kind
                + " HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: x\r\n\r\n";
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open();
      channel.bind(new InetSocketAddress("127.0.0." + (2 + open.size() / EACH_ADDRESS), 0));
      channel.connect(new InetSocketAddress("127.0.0.1", port));
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      if (!kind.equals("hold")) {
        channel.read(ByteBuffer.allocate(1024));
      }
      open.add(channel);
    }
  }

  private static long collected(Process server, BufferedReader said) throws IOException {
    server.getOutputStream().write('\n');
    server.getOutputStream().flush();
    return Long.parseLong(said.readLine());
  }

  /** As nothing is answered to a held request: waits until no more of them come. */
  private static void settle(TestServer server) throws InterruptedException {
    long quiet = System.nanoTime();
    for (long seen = -1; System.nanoTime() - quiet < 1_000_000_000L; ) {
      long held = server.loops.traffic().held();
      if (held != seen) {
        seen = held;
        quiet = System.nanoTime();
      }
      Thread.onSpinWait();
    }
  }

  private static void serve() throws Exception {
    TestServer server = new TestServer();
    System.out.println(server.address.getPort());
    while (System.in.read() >= 0) {
      settle(server);
      server.held.clear();
      server.streams.clear();
      for (int i = 0; i < 5; i++) {
        System.gc();
      }
      System.out.println(residentBytes());
      Runtime runtime = Runtime.getRuntime();
      System.err.printf(
          "  heap %d KiB used, %d KiB committed; direct %d KiB; %d connections%n",
          (runtime.totalMemory() - runtime.freeMemory()) >> 10,
          runtime.totalMemory() >> 10,
          PlatformDependent.usedDirectMemory() >> 10,
          server.loops.traffic().connections());
    }
    server.close();
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("no VmRSS");
  }
}
