package io.posthaste.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server small enough to be wrong on purpose: enough of Posthaste's wire for the load tool, a
 * thread a connection, and one fault at the fourth message of each topic.
 */
final class FaultyServer implements AutoCloseable {
  /** What it does wrong. */
  enum Fault {
    NONE,
    LOSES,
    DOUBLES,
    SWAPS,
    REFUSES,
    GARBLES,
    CLOSES
  }

  private static final int FAULTY = 3;
  private static final Pattern TOPIC = Pattern.compile("topics?[=/]([^&? ]+)");
  private static final Pattern AFTER = Pattern.compile("[?&]after=(\\d+)");
  private static final Pattern SUBSCRIBE = Pattern.compile("\"topic\":\"([^\"]+)\",\"ref\":(\\d+)");

  private final ServerSocket listener;
  private final Fault fault;
  private final List<Socket> sockets = new ArrayList<>();
  private final Map<String, List<String>> messages = new HashMap<>();
  private final Map<String, List<Stream>> streams = new HashMap<>();
  private final List<String> heads = new ArrayList<>();
  private boolean closed;

  FaultyServer(Fault fault) throws IOException {
    this.fault = fault;
    listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** The heads of all requests so far. */
  synchronized List<String> heads() {
    return List.copyOf(heads);
  }

  private void accept() throws IOException {
    while (true) {
      Socket socket = listener.accept();
      socket.setTcpNoDelay(true);
      synchronized (this) {
        sockets.add(socket);
      }
      start(() -> serve(socket));
    }
  }

  private void serve(Socket socket) throws IOException {
    InputStream in = new BufferedInputStream(socket.getInputStream());
    OutputStream out = socket.getOutputStream();
    while (true) {
      String head = head(in);
      synchronized (this) {
        heads.add(head);
      }
      Matcher found = TOPIC.matcher(head);
      String topic = found.find() ? found.group(1) : "";
      if (head.startsWith("POST")) {
        publish(topic, body(in, head), out);
      } else if (head.contains("Upgrade: websocket")) {
        webSocket(topic, in, out);
        return;
      } else if (head.contains("text/event-stream")) {
        send(
            out,
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n");
        add(topic, payload -> chunks(out, "id: 7\ndata: \"" + payload + "\"\n\n"));
      } else {
        poll(topic, head, out);
      }
    }
  }

  private void publish(String topic, String payload, OutputStream out) throws IOException {
    synchronized (this) {
      List<String> kept = messages.computeIfAbsent(topic, t -> new ArrayList<>());
      int seq = Integer.parseInt(payload.substring(20, 28), 16);
      if (seq == FAULTY && fault == Fault.REFUSES) {
        send(out, "HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 4\r\n\r\nfull");
        return;
      }
      send(out, "HTTP/1.1 201 Created\r\nETag: \"1\"\r\nContent-Length: 2\r\n\r\n{}");
      List<String> wire = wire(seq, payload, kept);
      kept.addAll(wire);
      for (Stream stream : streams.getOrDefault(topic, List.of())) {
        for (String one : wire) {
          stream.send(one);
        }
      }
      notifyAll();
    }
  }

  private @Nullable String held;

  private List<String> wire(int seq, String payload, List<String> kept) throws IOException {
    String before = held;
    if (before != null) {
      held = null;
      return List.of(payload, before);
    }
    if (seq != FAULTY) {
      return List.of(payload);
    }
    return switch (fault) {
      case NONE, REFUSES -> List.of(payload);
      case LOSES -> List.of();
      case DOUBLES -> List.of(payload, payload);
      case GARBLES -> List.of(payload, payload.replaceFirst("~phb....", "~phb!!!!"));
      case SWAPS -> {
        held = payload;
        yield List.of();
      }
      case CLOSES -> {
        sockets.get(0).close();
        yield List.of(payload);
      }
    };
  }

  private void poll(String topic, String head, OutputStream out) throws IOException {
    synchronized (this) {
      List<String> kept = messages.computeIfAbsent(topic, t -> new ArrayList<>());
      Matcher after = AFTER.matcher(head);
      int from = kept.size();
      if (after.find()) {
        from = Integer.parseInt(after.group(1));
        while (kept.size() <= from && !closed) {
          pause();
        }
      }
      StringBuilder answer = new StringBuilder("{\"messages\":[");
      for (String payload : kept.subList(from, kept.size())) {
        answer.append("{\"data\":\"").append(payload).append("\"},");
      }
      answer.append("],\"next\":\"").append(kept.size()).append("\"}");
      send(out, "HTTP/1.1 200 OK\r\ncontent-length: " + answer.length() + "\r\n\r\n" + answer);
    }
  }

  private void pause() {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  private void webSocket(String topic, InputStream in, OutputStream out) throws IOException {
    send(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
    if (!topic.isEmpty()) {
      add(topic, payload -> frame(out, 1, "{\"op\":\"message\",\"data\":\"" + payload + "\"}"));
      frame(out, 9, "are you there");
    }
    while (true) {
      String frame = clientFrame(in);
      Matcher subscribe = SUBSCRIBE.matcher(frame);
      if (subscribe.find()) {
        add(subscribe.group(1), payload -> frame(out, 1, payload));
        frame(out, 1, "{\"op\":\"done\",\"ref\":" + subscribe.group(2) + "}");
      } else if (!frame.equals("are you there")) {
        throw new IOException("not a pong: " + frame);
      }
    }
  }

  private static String clientFrame(InputStream in) throws IOException {
    byte[] head = exactly(in, 2);
    int length = head[1] & 0x7f;
    if (length == 126) {
      byte[] wide = exactly(in, 2);
      length = (wide[0] & 0xff) << 8 | wide[1] & 0xff;
    }
    byte[] mask = exactly(in, 4);
    byte[] payload = exactly(in, length);
    for (int i = 0; i < length; i++) {
      payload[i] ^= mask[i % 4];
    }
    return new String(payload, StandardCharsets.UTF_8);
  }

  private void frame(OutputStream out, int opcode, String text) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    frame.write(0x80 | opcode);
    if (payload.length < 126) {
      frame.write(payload.length);
    } else {
      frame.write(126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    }
    frame.writeBytes(payload);
    synchronized (this) {
      out.write(frame.toByteArray());
    }
  }

  /** Two chunks that part in the middle of the stamp. */
  private void chunks(OutputStream out, String event) throws IOException {
    int cut = event.indexOf('~') + 11;
    String first = event.substring(0, cut);
    String second = event.substring(cut);
    send(out, Integer.toHexString(first.length()) + "\r\n" + first + "\r\n");
    send(out, Integer.toHexString(second.length()) + ";x=y\r\n" + second + "\r\n");
  }

  private void send(OutputStream out, String text) throws IOException {
    synchronized (this) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private synchronized void add(String topic, Stream stream) {
    streams.computeIfAbsent(topic, t -> new ArrayList<>()).add(stream);
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      head.append((char) exactly(in, 1)[0]);
    }
    return head.toString();
  }

  private static String body(InputStream in, String head) throws IOException {
    Matcher length = Pattern.compile("Content-Length: (\\d+)").matcher(head);
    if (!length.find()) {
      throw new IOException("no length: " + head);
    }
    byte[] body = exactly(in, Integer.parseInt(length.group(1)));
    return new String(body, StandardCharsets.UTF_8);
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    synchronized (this) {
      closed = true;
      notifyAll();
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private interface Stream {
    void send(String payload) throws IOException;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // The other side is gone, which is how every connection of a test ends.
                Thread.currentThread().interrupt();
              }
            },
            "faulty-server");
    thread.setDaemon(true);
    thread.start();
  }
}
