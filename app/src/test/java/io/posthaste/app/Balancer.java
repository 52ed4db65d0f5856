package io.posthaste.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A plain TCP balancer: each connection goes to the next server, or the one after if it is shut.
 */
final class Balancer implements AutoCloseable {
  private final ServerSocket listener;
  private final List<InetSocketAddress> servers = new CopyOnWriteArrayList<>();
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
  private int turn;
  private volatile boolean held;

  Balancer() throws IOException {
    listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  String place() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  void add(InetSocketAddress server) {
    servers.add(server);
  }

  /** Sends nobody there any more; connections that are stay. */
  void remove(InetSocketAddress server) {
    servers.remove(server);
  }

  /** Breaks every connection that is. */
  void cut() throws IOException {
    for (Socket client : clients) {
      client.close();
      clients.remove(client);
    }
  }

  /** From now on nothing is passed on, nor is anybody told: as by a cable that was pulled. */
  void hold() {
    held = true;
  }

  /** Passes on what was held, and what comes. */
  synchronized void release() {
    held = false;
    notifyAll();
  }

  private synchronized void awaitReleased() throws IOException {
    try {
      while (held) {
        wait();
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "balancer");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = connect();
        if (server == null) {
          client.close();
          continue;
        }
        clients.add(client);
        daemon(() -> pass(client, server));
        daemon(() -> pass(server, client));
      }
    } catch (IOException closed) {
      // the end
    }
  }

  private @Nullable Socket connect() {
    List<InetSocketAddress> now = List.copyOf(servers);
    for (int i = 0; i < now.size(); i++) {
      InetSocketAddress next = now.get(Math.floorMod(turn++, now.size()));
      try {
        return new Socket(next.getAddress(), next.getPort());
      } catch (IOException shut) {
        // the next one
      }
    }
    return null;
  }

  private void pass(Socket from, Socket to) {
    byte[] buffer = new byte[8_192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        awaitReleased();
        to.getOutputStream().write(buffer, 0, n);
      }
    } catch (IOException gone) {
      // either side
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
