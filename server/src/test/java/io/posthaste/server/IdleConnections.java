package io.posthaste.server;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.internal.PlatformDependent;
import io.posthaste.testkit.Http2Client;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * How much memory of the process does an idle held connection take? Not a test: run by hand, as
 * docs/decisions/0004-held-connections.md says. {@code main} starts a server of its own in another
 * process, opens connections of a kind from several loopback addresses, and prints how the server's
 * resident memory grows, each time after full collections.
 */
final class IdleConnections {
  private static final int EACH_ADDRESS = 5_000;
  private static final int STEP = 4_500;
  private static final int EACH_CONNECTION = 250;

  private IdleConnections() {}

  /**
   * Arguments: {@code hold}, {@code stream} or {@code socket}, with {@code tls-} before it by TLS,
   * or {@code hold} or {@code stream} with {@code h2-} as streams of HTTP/2, of which a connection
   * has 250; how many; JVM flags of the server.
   */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("serve")) {
      serve(args[1].startsWith("tls-"));
      return;
    }
    int count = Integer.parseInt(args[1]);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(args).subList(2, args.length));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), IdleConnections.class.getName()));
    command.addAll(List.of("serve", args[0]));
    Process server =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII))) {
      int port = Integer.parseInt(said.readLine());
      List<AutoCloseable> open = new ArrayList<>();
      long last = collected(server, said);
      for (int all = 0; all < count; ) {
        int step = Math.min(STEP, Math.min(count - all, (count + 1) / 2));
        open(args[0], port, all, step, open);
        all += step;
        long now = collected(server, said);
        System.out.printf(
            "%s: %d connections, %.1f MiB, %d bytes more for each of the last %d%n",
            args[0], all, now / 1048576.0, (now - last) / step, step);
        last = now;
      }
      for (AutoCloseable connection : open) {
        connection.close();
      }
    } finally {
      server.destroy();
      server.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private static void open(String kind, int port, int all, int count, List<AutoCloseable> open)
      throws Exception {
    if (kind.startsWith("h2-")) {
      openStreams("/" + kind.substring(3), port, count, open);
      return;
    }
    boolean isTls = kind.startsWith("tls-");
    String plain = isTls ? kind.substring(4) : kind;
    String request =
        plain.equals("socket")
            ? WebSocketTest.HANDSHAKE
            : "GET /"
                + plain
                + " HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: x\r\n\r\n";
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    for (int i = 0; i < count; i++) {
      Socket socket = new Socket();
      socket.setTcpNoDelay(true);
      socket.bind(new InetSocketAddress("127.0.0." + (2 + (all + i) / EACH_ADDRESS), 0));
      socket.connect(new InetSocketAddress("127.0.0.1", port));
      if (isTls) {
        socket = context.getSocketFactory().createSocket(socket, "localhost", port, true);
      }
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      if (!plain.equals("hold")) {
        int read = socket.getInputStream().read(new byte[1024]);
        if (read < 0) {
          throw new IOException("the server closed");
        }
      }
      open.add(socket);
    }
  }

  private static void openStreams(String path, int port, int count, List<AutoCloseable> open)
      throws IOException {
    for (int i = 0; i < count; i += EACH_CONNECTION) {
      Http2Client client = new Http2Client(new Socket("127.0.0.1", port)).hello();
      for (int stream = 0; stream < Math.min(EACH_CONNECTION, count - i); stream++) {
        client.get(2 * stream + 1, path);
      }
      open.add(client);
    }
  }

  private static long collected(Process server, BufferedReader said) throws IOException {
    server.getOutputStream().write('\n');
    server.getOutputStream().flush();
    return Long.parseLong(said.readLine());
  }

  /** Waits until no more of what is held comes. */
  private static void settle(TestServer server) throws InterruptedException {
    long quiet = System.nanoTime();
    for (long seen = -1; System.nanoTime() - quiet < 1_000_000_000L; ) {
      Traffic traffic = server.loops.traffic();
      long held = traffic.held() + traffic.streams() + traffic.webSockets();
      if (held != seen) {
        seen = held;
        quiet = System.nanoTime();
      }
      Thread.onSpinWait();
    }
  }

  private static void serve(boolean isTls) throws Exception {
    Tls tls = isTls ? Tls.of(new TlsSource.SelfSigned(List.of()), null) : null;
    TestServer server = new TestServer(HttpLimits.DEFAULT, tls);
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
