package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The opening handshake (RFC 6455, 4.2). */
public final class WebSocketHandshake {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketHandshake() {}

  /** Whether a request asks for a WebSocket, rightly or not. */
  public static boolean isAsked(Request request) {
    return request.hasToken("Upgrade", "websocket");
  }

  /** What is wrong with a request for a WebSocket; null if nothing is. */
  static @Nullable Problem problem(Request request) {
    if (!request.method().equals("GET")) {
      return Problem.of(400, "method: " + request.method() + " (expected: GET for a WebSocket)");
    }
    if (!isAsked(request) || !request.hasToken("Connection", "Upgrade")) {
      return Problem.of(
              426, "Upgrade: missing (expected: Upgrade: websocket and Connection: Upgrade)")
          .with("Upgrade", "websocket");
    }
    if (!"13".equals(request.header("Sec-WebSocket-Version"))) {
      return Problem.of(426, "Sec-WebSocket-Version: not known (expected: 13)")
          .with("Sec-WebSocket-Version", "13")
          .with("Upgrade", "websocket");
    }
    if (request.headers("Sec-WebSocket-Key").size() != 1
        || !isKey(request.headers("Sec-WebSocket-Key").get(0))) {
      return Problem.of(400, "Sec-WebSocket-Key: not a key (expected: 16 bytes in base64)");
    }
    return null;
  }

  private static boolean isKey(String key) {
    try {
      return key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The answer that makes the connection a WebSocket. The caller owns it. */
  static ByteBuf answer(ByteBufAllocator alloc, Request request, @Nullable String subprotocol) {
    StringBuilder head =
        new StringBuilder("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n")
            .append("Connection: Upgrade\r\nSec-WebSocket-Accept: ")
            .append(accept(String.valueOf(request.header("Sec-WebSocket-Key"))))
            .append("\r\n");
    if (subprotocol != null) {
      if (!request.tokens("Sec-WebSocket-Protocol").contains(subprotocol)) {
        throw new IllegalArgumentException(
            "subprotocol: " + subprotocol + " (expected: one that was offered)");
      }
      head.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
    }
    ByteBuf answer = alloc.directBuffer(head.length() + 2);
    ByteBufUtil.writeAscii(answer, head.append("\r\n"));
    return answer;
  }

  /** RFC 6455, 4.2.2, step 5.4. */
  static String accept(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a JDK without SHA-1", e);
    }
  }
}
