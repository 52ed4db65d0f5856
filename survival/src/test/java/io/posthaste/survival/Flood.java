package io.posthaste.survival;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Publishes over some connections, request behind request, without waiting for answers. */
final class Flood implements AutoCloseable {
  private static final int AT_ONCE = 50;

  private final LongAdder taken = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final List<Socket> sockets = new ArrayList<>();

  Flood(InetSocketAddress server, String path, String authorization, int connections)
      throws IOException {
    byte[] requests =
        ("POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Length: 5\r\n\r\nflood"
                .formatted(path, authorization))
            .repeat(AT_ONCE)
            .getBytes(ISO_8859_1);
    for (int i = 0; i < connections; i++) {
      Socket socket = new Socket(server.getAddress(), server.getPort());
      sockets.add(socket);
      run("flood", () -> write(socket, requests));
      run("answers", () -> read(socket));
    }
  }

  private static void run(String name, Runnable what) {
    Thread thread = new Thread(what, name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void write(Socket socket, byte[] requests) {
    try {
      while (!socket.isClosed()) {
        socket.getOutputStream().write(requests);
      }
    } catch (IOException e) {
      // It is over, or the server has closed: then no more answers are counted.
    }
  }

  private void read(Socket socket) {
    try {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("HTTP/1.1 201")) {
          taken.increment();
        } else if (line.startsWith("HTTP/1.1 429")) {
          refused.increment();
        }
      }
    } catch (IOException e) {
      // As above.
    }
  }

  /** Messages that the server has taken. */
  long taken() {
    return taken.sum();
  }

  /** Messages that it has refused as too many. */
  long refused() {
    return refused.sum();
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
