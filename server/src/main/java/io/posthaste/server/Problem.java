package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer that says what is wrong, as {@code application/problem+json} on one line (RFC 9457).
 *
 * @param status the status code, 400 to 599
 * @param code a word for programs that does not change; null where the status says it all
 * @param detail one sentence: what is wrong and what would be right
 * @param headers further headers, such as {@code Allow}
 */
public record Problem(
    int status, @Nullable String code, String detail, Map<String, String> headers) {
  public Problem {
    requireNonNull(detail, "detail");
    headers = Map.copyOf(headers);
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("status: " + status + " (expected: 400 to 599)");
    }
  }

  /** A problem without further headers. */
  public static Problem of(int status, String detail) {
    return new Problem(status, null, detail, Map.of());
  }

  /** A problem that programs tell by its code. */
  public static Problem of(int status, String code, String detail) {
    return new Problem(status, code, detail, Map.of());
  }

  /** The same with one more header. */
  public Problem with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Problem(status, code, detail, more);
  }

  /** The problem as JSON on one line, without a line break at its end. */
  public String json() {
    StringBuilder json = new StringBuilder(96 + detail.length());
    json.append("{\"type\":\"about:blank\",\"title\":\"").append(Status.reason(status));
    json.append("\",\"status\":").append(status);
    if (code != null) {
      JsonString.append(json.append(",\"code\":"), code);
    }
    json.append(",\"detail\":");
    JsonString.append(json, detail);
    return json.append('}').toString();
  }

  /** The problem as an answer, which the caller owns. It ends in a line break, for terminals. */
  public Response response(ByteBufAllocator alloc) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("Content-Type", "application/problem+json");
    all.put("Cache-Control", "no-store");
    all.putAll(headers);
    String json = json();
    ByteBuf body = alloc.directBuffer(ByteBufUtil.utf8Bytes(json) + 1);
    ByteBufUtil.writeUtf8(body, json);
    return Response.of(status, all, body.writeByte('\n'));
  }

  /** Answers an exchange with the problem. */
  public void answer(Exchange exchange) {
    Response response = response(exchange.alloc());
    try {
      exchange.respond(response);
    } finally {
      response.release();
    }
  }
}
