package io.posthaste.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Speaks to a server in raw bytes. */
final class RawClient implements AutoCloseable {
  final Socket socket;
  private final InputStream in;

  RawClient(InetSocketAddress address) throws IOException {
    this(address, 0);
  }

  RawClient(InetSocketAddress address, int receiveBuffer) throws IOException {
    socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setSoTimeout((int) TestServer.LONG.toMillis());
    socket.connect(address);
    in = socket.getInputStream();
  }

  /** Speaks over a connection that is there. */
  RawClient(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout((int) TestServer.LONG.toMillis());
    in = socket.getInputStream();
  }

  record Answer(int status, Map<String, String> headers, String body) {}

  RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  RawClient get(String path) throws IOException {
    return send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  /** Reads one whole answer. */
  Answer answer() throws IOException {
    return answer(true);
  }

  /** Reads an answer's head only. */
  Answer head() throws IOException {
    return answer(false);
  }

  /** Reads a whole answer, of a stream only its head. */
  Answer answerOrHead() throws IOException {
    Answer head = answer(false);
    String length = head.headers().get("Content-Length");
    return length == null
        ? head
        : new Answer(head.status(), head.headers(), text(Integer.parseInt(length)));
  }

  private Answer answer(boolean withBody) throws IOException {
    String line = line();
    if (!line.startsWith("HTTP/1.1 ")) {
      throw new IOException("not an answer: " + line);
    }
    int status = Integer.parseInt(line.substring(9, 12));
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String header = line(); !header.isEmpty(); header = line()) {
      int colon = header.indexOf(':');
      headers.merge(
          header.substring(0, colon), header.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
    }
    String body = "";
    if (withBody && headers.containsKey("Content-Length")) {
      body = text(Integer.parseInt(headers.get("Content-Length")));
    } else if (withBody
        && "chunked"
            .equals(headers.getOrDefault("Transfer-Encoding", "").toLowerCase(Locale.ROOT))) {
      StringBuilder all = new StringBuilder();
      for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
        all.append(chunk);
      }
      body = all.toString();
    }
    return new Answer(status, headers, body);
  }

  /** Reads a chunk; the last one is empty. */
  String chunk() throws IOException {
    String data = text(Integer.parseInt(line(), 16));
    if (!line().isEmpty()) {
      throw new IOException("chunk without its end");
    }
    return data;
  }

  String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("closed after: " + line.toString(StandardCharsets.UTF_8));
      }
      line.write(b);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  String text(int length) throws IOException {
    return new String(bytes(length), StandardCharsets.UTF_8);
  }

  byte[] bytes(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("closed after " + bytes.length + " of " + length + " bytes");
    }
    return bytes;
  }

  /** Whether the server closes without sending anything more. */
  boolean isClosed() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
