package io.posthaste.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A proxy before a server, with the faults that networks have; one connection to one. */
final class FaultyProxy implements AutoCloseable {
  private static final int MAX_HEAD_BYTES = 256 << 10;
  private static final int LOOK_MILLIS = 20;

  private final InetSocketAddress server;
  private final boolean http;
  private final int port;
  private final Set<Passage> passages = ConcurrentHashMap.newKeySet();
  private final AtomicInteger answersToLose = new AtomicInteger();
  private @Nullable ServerSocket listener;
  private final AtomicLong answeredBytes = new AtomicLong();
  private volatile Faults faults = Faults.NONE;

  /** What is wrong with the network. */
  record Faults(
      boolean down,
      boolean refuseUpgrades,
      boolean swallowUpgrades,
      boolean gatherStreams,
      long cutHeldMillis,
      int loseAnswers) {
    static final Faults NONE = new Faults(false, false, false, false, 0, 0);
  }

  /** For HTTP. */
  FaultyProxy(InetSocketAddress server) throws IOException {
    this(server, true);
  }

  /**
   * @param http whether it looks at requests; else it only cuts and refuses connections
   */
  FaultyProxy(InetSocketAddress server, boolean http) throws IOException {
    this.server = server;
    this.http = http;
    this.port = listen(0);
  }

  private synchronized int listen(int wanted) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted));
    listener = socket;
    thread(() -> accept(socket));
    return socket.getLocalPort();
  }

  private static void thread(Runnable task) {
    Thread thread = new Thread(task, "proxy");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return port;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Has these faults from now on, and no others; connections that stand are cut. */
  synchronized void become(Faults faults) throws IOException {
    this.faults = faults;
    answersToLose.set(faults.loseAnswers());
    ServerSocket open = listener;
    if (faults.down() && open != null) {
      open.close();
      listener = null;
    }
    cut();
    if (!faults.down() && listener == null) {
      listen(port);
    }
  }

  /** Lets nothing through any more on the connections that stand, and breaks none. */
  void freeze() {
    passages.forEach(passage -> passage.swallows = true);
  }

  /** What clients have taken in all. */
  long answeredBytes() {
    return answeredBytes.get();
  }

  /** Breaks every connection. */
  void cut() {
    passages.forEach(Passage::close);
  }

  private void accept(ServerSocket socket) {
    while (true) {
      Socket client;
      try {
        client = socket.accept();
      } catch (IOException closed) {
        return;
      }
      thread(() -> new Passage(client).run());
    }
  }

  @Override
  public void close() throws IOException {
    become(new Faults(true, false, false, false, 0, 0));
  }

  /** A connection of a client, and the one to the server that belongs to it. */
  private final class Passage {
    private final Socket client;
    private final Socket upstream = new Socket();
    private volatile long waitsSinceNanos;
    private volatile boolean waits;
    private volatile boolean swallows;
    private volatile boolean loses;

    Passage(Socket client) {
      this.client = client;
    }

    void run() {
      passages.add(this);
      try {
        if (faults.down()) {
          return;
        }
        client.setTcpNoDelay(true);
        upstream.connect(server);
        upstream.setTcpNoDelay(true);
        upstream.setSoTimeout(LOOK_MILLIS);
        thread(this::answers);
        requests();
      } catch (IOException gone) {
        // one of both has gone, so the other goes too
      } finally {
        close();
      }
    }

    private void requests() throws IOException {
      InputStream in = client.getInputStream();
      OutputStream out = upstream.getOutputStream();
      if (!http) {
        in.transferTo(out);
        return;
      }
      byte[] head = head(in);
      while (head != null) {
        String text = new String(head, ISO_8859_1).toLowerCase(Locale.ROOT);
        Faults now = faults;
        boolean upgrade = text.contains("\r\nupgrade: websocket");
        if (upgrade && now.refuseUpgrades()) {
          client
              .getOutputStream()
              .write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".getBytes(ISO_8859_1));
          return;
        }
        swallows =
            now.gatherStreams() && text.contains("text/event-stream")
                || upgrade && now.swallowUpgrades();
        loses = text.startsWith("post ") && answersToLose.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
        waitsSinceNanos = System.nanoTime();
        waits = true;
        out.write(head);
        if (upgrade) {
          in.transferTo(out);
          return;
        }
        out.write(in.readNBytes(contentLength(text)));
        head = head(in);
      }
    }

    /** A request's head with its empty line; null at the end. */
    private static byte @Nullable [] head(InputStream in) throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      int last4 = 0;
      while (last4 != 0x0d0a0d0a) {
        int next = in.read();
        if (next < 0) {
          return null;
        }
        head.write(next);
        last4 = last4 << 8 | next;
        if (head.size() > MAX_HEAD_BYTES) {
          throw new IOException("a head without an end");
        }
      }
      return head.toByteArray();
    }

    private static int contentLength(String head) {
      String name = "\r\ncontent-length: ";
      int at = head.indexOf(name);
      return at < 0
          ? 0
          : Integer.parseInt(head.substring(at + name.length(), head.indexOf('\r', at + 2)).trim());
    }

    private void answers() {
      byte[] buffer = new byte[16 << 10];
      try {
        InputStream in = upstream.getInputStream();
        OutputStream out = client.getOutputStream();
        while (true) {
          try {
            int length = in.read(buffer);
            if (length < 0 || loses) {
              return;
            }
            if (!swallows) {
              waits = false;
              out.write(buffer, 0, length);
              answeredBytes.addAndGet(length);
            }
          } catch (SocketTimeoutException quiet) {
            long limit = faults.cutHeldMillis();
            if (waits && limit > 0 && System.nanoTime() - waitsSinceNanos > limit * 1_000_000) {
              return;
            }
          }
        }
      } catch (IOException gone) {
        // so the other goes too
      } finally {
        close();
      }
    }

    void close() {
      passages.remove(this);
      try {
        client.close();
        upstream.close();
      } catch (IOException e) {
        throw new AssertionError("closing a socket", e);
      }
    }
  }
}
