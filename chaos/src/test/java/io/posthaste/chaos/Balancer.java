package io.posthaste.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A plain TCP balancer: each new connection goes to the next server that accepts it. It knows
 * nothing of what it carries, nor of sessions.
 */
final class Balancer implements AutoCloseable {
  private static final int CONNECT_MILLIS = 500;

  private final ServerSocket listening;
  private final List<InetSocketAddress> servers;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  Balancer(List<InetSocketAddress> servers) throws IOException {
    this.servers = List.copyOf(servers);
    this.listening = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
    start("balancer", this::accept);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort());
  }

  private static Thread start(String name, Runnable what) {
    Thread thread = new Thread(what, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void accept() {
    for (int next = 0; !listening.isClosed(); next++) {
      try {
        Socket client = listening.accept();
        int first = next;
        start("balancer-connection", () -> carry(client, first));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void carry(Socket client, int first) {
    try (client;
        Socket server = connect(first)) {
      open.add(client);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Thread answers = start("balancer-answers", () -> pump(server, client));
      pump(client, server);
      answers.join();
    } catch (IOException refused) {
      // The client finds its connection closed, as when no server accepts.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  private Socket connect(int first) throws IOException {
    IOException failure = new IOException("no server");
    for (int i = 0; i < servers.size(); i++) {
      Socket server = new Socket();
      try {
        server.connect(servers.get((first + i) % servers.size()), CONNECT_MILLIS);
        return server;
      } catch (IOException away) {
        server.close();
        failure = away;
      }
    }
    throw failure;
  }

  /** Carries bytes until their source ends, and passes the end on; a break breaks both sides. */
  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[16 * 1_024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        out.write(buffer, 0, length);
      }
      to.shutdownOutput();
      from.shutdownInput();
    } catch (IOException broken) {
      close(from);
      close(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException closed) {
      // It is what was wanted.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    open.forEach(Balancer::close);
  }
}
