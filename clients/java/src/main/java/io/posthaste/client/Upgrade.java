package io.posthaste.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Requests whose answer's head is all that is asked for: a WebSocket's, and a proxy's tunnel. */
final class Upgrade {
  private static final String PROTOCOL = "posthaste.v1.json";
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
  private static final int MAX_HEAD_BYTES = 64 << 10;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Upgrade() {}

  /**
   * Makes a WebSocket of a connection (RFC 6455, 4).
   *
   * @throws IOException if the server, or somebody on the way, will not have it
   */
  static void toWebSocket(
      Socket socket, URI uri, Map<String, String> headers, Duration limit, BooleanSupplier leaves)
      throws IOException {
    byte[] nonce = new byte[16];
    RANDOM.nextBytes(nonce);
    String key = Base64.getEncoder().encodeToString(nonce);
    StringBuilder request =
        new StringBuilder("GET ").append(uri.getRawPath()).append(" HTTP/1.1\r\n");
    line(request, "Host", uri.getRawAuthority());
    line(request, "Upgrade", "websocket");
    line(request, "Connection", "Upgrade");
    line(request, "Sec-WebSocket-Key", key);
    line(request, "Sec-WebSocket-Version", "13");
    line(request, "Sec-WebSocket-Protocol", PROTOCOL);
    headers.forEach((name, value) -> line(request, name, value));
    String head = ask(socket, request, limit, leaves);
    int status = status(head);
    if (status != 101 || !head.contains("\r\nsec-websocket-accept: " + accept(key) + "\r\n")) {
      throw new IOException("no WebSocket here, HTTP status " + status);
    }
  }

  /**
   * Has a proxy connect to a server (RFC 9110, 9.3.6).
   *
   * @throws IOException if it will not
   */
  static void toTunnel(Socket socket, String hostAndPort, Duration limit) throws IOException {
    StringBuilder request =
        new StringBuilder("CONNECT ").append(hostAndPort).append(" HTTP/1.1\r\n");
    line(request, "Host", hostAndPort);
    int status = status(ask(socket, request, limit, () -> false));
    if (status != 200) {
      throw new IOException("the proxy lets nobody through, HTTP status " + status);
    }
  }

  private static void line(StringBuilder request, String name, String value) {
    request.append(name).append(": ").append(value).append("\r\n");
  }

  /** The answer's head, names in lower case, values as they are. */
  private static String ask(
      Socket socket, StringBuilder request, Duration limit, BooleanSupplier leaves)
      throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(request.append("\r\n").toString().getBytes(ISO_8859_1));
    out.flush();
    InputStream in = socket.getInputStream();
    long beganNanos = System.nanoTime();
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last4 = 0;
    while (last4 != 0x0d0a0d0a) { // byte by byte, as what follows is not ours to take
      try {
        int next = in.read();
        if (next < 0 || head.size() == MAX_HEAD_BYTES) {
          throw new IOException("an answer's head without an end");
        }
        head.write(next);
        last4 = last4 << 8 | next;
      } catch (SocketTimeoutException quiet) {
        if (leaves.getAsBoolean()) {
          throw quiet;
        }
      }
      if (System.nanoTime() - beganNanos > limit.toNanos()) {
        throw Waiting.tooLate("an answer", limit, new IOException("silence"));
      }
    }
    StringBuilder lines = new StringBuilder();
    for (String line : head.toString(ISO_8859_1).split("\r\n")) {
      int colon = line.indexOf(':');
      lines
          .append(line.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT))
          .append(colon < 0 ? line : ": " + line.substring(colon + 1).strip())
          .append("\r\n");
    }
    return lines.toString();
  }

  private static int status(String head) throws IOException {
    if (!head.matches("(?s)HTTP/1\\.[01] [0-9]{3}[ \r].*")) {
      throw new IOException("not an answer of HTTP/1.1");
    }
    return Integer.parseInt(head.substring(9, 12));
  }

  private static String accept(String key) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(ISO_8859_1));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-1, which every Java has", e);
    }
  }
}
