package io.posthaste.engine.jetstream;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Stands between a client and a nats-server, and loses messages on the way to the client: whole
 * ones, as a route between servers does that breaks for a moment.
 */
final class LossyProxy implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger dropped = new AtomicInteger();
  private final int port;
  private volatile Predicate<String> drops = subject -> false;

  LossyProxy(int port) throws IOException {
    this.port = port;
    daemon(this::accept);
  }

  String url() {
    return "nats://127.0.0.1:" + listener.getLocalPort();
  }

  /** From now on messages of these subjects are lost. */
  void drop(Predicate<String> drops) {
    this.drops = drops;
  }

  int dropped() {
    return dropped.get();
  }

  /** Ends all connections; new ones are taken. */
  void cut() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void daemon(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException ended) {
                return;
              }
            },
            "lossy-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
      sockets.add(client);
      sockets.add(server);
      daemon(() -> up(client, server));
      daemon(() -> down(server, client));
    }
  }

  private static void up(Socket from, Socket to) throws IOException {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    }
  }

  private void down(Socket from, Socket to) throws IOException {
    try (from;
        to) {
      InputStream in = new BufferedInputStream(from.getInputStream());
      OutputStream out = to.getOutputStream();
      for (String line = line(in); line != null; line = line(in)) {
        String[] words = line.trim().split(" ");
        byte[] body = new byte[0];
        boolean message = words[0].equals("MSG") || words[0].equals("HMSG");
        if (message) {
          body = in.readNBytes(Integer.parseInt(words[words.length - 1]) + 2);
        }
        if (message && drops.test(words[1])) {
          dropped.incrementAndGet();
        } else {
          ByteArrayOutputStream whole = new ByteArrayOutputStream();
          whole.writeBytes(line.getBytes(StandardCharsets.ISO_8859_1));
          whole.writeBytes(body);
          whole.writeTo(out);
        }
      }
    }
  }

  /** With its end; null at the end of all. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      line.append((char) c);
      if (c == '\n') {
        return line.toString();
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }
}
