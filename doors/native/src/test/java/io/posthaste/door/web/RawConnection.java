package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A socket that speaks HTTP/1.1 byte by byte, and reads only when it is told to. */
final class RawConnection extends HttpConnection {
  private final Socket socket = new Socket();
  private final byte[] buffer = new byte[16 << 10];
  private int at;
  private int end;

  /** Bytes left of the body or chunk; -1 before a chunk's size. */
  private long left;

  private boolean chunked;
  private boolean over;

  RawConnection(InetSocketAddress address) throws IOException {
    socket.setReceiveBufferSize(64 << 10);
    socket.connect(address, 10_000);
    socket.setTcpNoDelay(true);
    limit(Duration.ofSeconds(20));
  }

  @Override
  void limit(Duration limit) throws IOException {
    socket.setSoTimeout((int) limit.toMillis());
  }

  void send(String text) throws IOException {
    send(text.getBytes(UTF_8));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  @Override
  void get(String target, String... headers) throws IOException {
    request("GET", target, new byte[0], headers);
  }

  void request(String method, String target, byte[] body, String... headers) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    head.append("Host: localhost\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (body.length > 0 || method.equals("POST")) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    out.writeBytes(head.append("\r\n").toString().getBytes(UTF_8));
    out.writeBytes(body);
    send(out.toByteArray());
  }

  /** The next byte of the connection. */
  int raw() throws IOException {
    if (at == end) {
      int read = socket.getInputStream().read(buffer);
      if (read < 0) {
        throw new EOFException("the server closed");
      }
      at = 0;
      end = read;
    }
    return buffer[at++] & 0xff;
  }

  private String rawLine() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = raw(); b != '\n'; b = raw()) {
      line.append((char) b);
    }
    if (line.length() == 0 || line.charAt(line.length() - 1) != '\r') {
      throw new AssertionError("a line without CRLF: " + line);
    }
    return line.substring(0, line.length() - 1);
  }

  @Override
  Head head() throws IOException {
    String status = rawLine();
    Map<String, String> headers = new TreeMap<>();
    for (String line = rawLine(); !line.isEmpty(); line = rawLine()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
    }
    chunked = "chunked".equals(headers.get("transfer-encoding"));
    over = false;
    left = chunked ? -1 : Long.parseLong(headers.getOrDefault("content-length", "0"));
    return new Head(Integer.parseInt(status.split(" ")[1]), headers);
  }

  @Override
  int body() throws IOException {
    if (over) {
      return -1;
    }
    if (chunked && left == -1) {
      left = Long.parseLong(rawLine(), 16);
      if (left == 0) {
        rawLine();
        over = true;
        return -1;
      }
    }
    if (left == 0) {
      over = true;
      return -1;
    }
    int b = raw();
    if (--left == 0 && chunked) {
      rawLine();
      left = -1;
    }
    return b;
  }

  /** So many bytes of the connection, as characters one to one. */
  String raw(int count) throws IOException {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) raw();
    }
    return new String(bytes, ISO_8859_1);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
