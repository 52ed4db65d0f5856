package io.posthaste.door.nacos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Passes connections on from an address of its own, so that who connects to it comes from there.
 */
final class Relay implements AutoCloseable {
  private final ServerSocket listening;
  private final InetAddress own;
  private final InetSocketAddress server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /**
   * @param own where it listens and where its connections come from
   */
  Relay(String own, InetSocketAddress server) throws IOException {
    this.own = InetAddress.getByName(own);
    this.server = server;
    this.listening = new ServerSocket(0, 50, this.own);
    start(this::accept);
  }

  /** Where it listens. */
  String place() {
    return own.getHostAddress() + ":" + listening.getLocalPort();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        sockets.add(client);
        Socket onward = new Socket(server.getAddress(), server.getPort(), own, 0);
        sockets.add(onward);
        start(() -> pass(client, onward));
        start(() -> pass(onward, client));
      }
    } catch (IOException closed) {
      if (!listening.isClosed()) {
        throw new UncheckedIOException(closed);
      }
    }
  }

  private void pass(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException closed) {
      // By either side: try has closed the other.
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
