package io.posthaste.door.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.posthaste.core.Id;
import io.posthaste.server.Exchange;
import io.posthaste.server.Response;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Answers of one exchange alone. */
final class Answers {
  /** The headers of an answer in JSON. */
  static final Map<String, String> JSON =
      Map.of("Content-Type", "application/json", "Cache-Control", "no-store");

  private Answers() {}

  /** Answers with JSON. */
  static void json(
      Exchange exchange, int status, Map<String, String> more, Consumer<ByteBuf> writer) {
    ByteBuf body = exchange.alloc().buffer();
    writer.accept(body);
    if (body.isReadable() && body.getByte(body.writerIndex() - 1) != '\n') {
      body.writeByte('\n'); // for terminals
    }
    Map<String, String> headers = new LinkedHashMap<>(JSON);
    headers.putAll(more);
    send(exchange, Response.of(status, headers, body));
  }

  /** Answers whoever has changed something: which version it is now, and since when. */
  static void done(Exchange exchange, Id id, long timeMillis) {
    json(
        exchange,
        200,
        Map.of("ETag", etag(id)),
        out -> {
          JsonText.ascii(out, "{\"id\":");
          JsonText.id(out, id);
          JsonText.ascii(out, ",\"at\":");
          JsonText.time(out, timeMillis);
          out.writeByte('}');
        });
  }

  /** Answers without a body. */
  static void empty(Exchange exchange, int status, Map<String, String> headers) {
    send(exchange, Response.of(status, headers, Unpooled.EMPTY_BUFFER));
  }

  /** Answers whoever publishes faster than he may. */
  static void tooFast(Exchange exchange, Duration wait) {
    problem(exchange, Refusal.tooFast(wait));
  }

  /** Answers with a problem (RFC 9457). */
  static void problem(Exchange exchange, Refusal refusal) {
    problem(exchange, refusal, Map.of());
  }

  static void problem(Exchange exchange, Refusal refusal, Map<String, String> more) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/problem+json");
    headers.put("Cache-Control", "no-store");
    if (refusal.latest() != null) {
      headers.put("ETag", etag(refusal.latest()));
    }
    if (refusal.retrySeconds() > 0) {
      headers.put("Retry-After", Integer.toString(refusal.retrySeconds()));
    }
    if (refusal.status() == 401) {
      headers.put("WWW-Authenticate", "Bearer realm=\"posthaste\"");
    }
    headers.putAll(more);
    ByteBuf body = exchange.alloc().buffer();
    writeProblem(body, refusal);
    body.writeByte('\n');
    send(exchange, Response.of(refusal.status(), headers, body));
  }

  /** Writes a problem object. */
  static void writeProblem(ByteBuf out, Refusal refusal) {
    JsonText.ascii(out, "{\"type\":\"about:blank\",\"title\":");
    JsonText.string(out, title(refusal.status()));
    JsonText.ascii(out, ",\"status\":" + refusal.status() + ",\"code\":");
    JsonText.string(out, refusal.code());
    JsonText.ascii(out, ",\"detail\":");
    JsonText.string(out, refusal.detail());
    out.writeByte('}');
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 409 -> "Conflict";
      case 412 -> "Precondition Failed";
      case 413 -> "Content Too Large";
      case 422 -> "Unprocessable Content";
      case 429 -> "Too Many Requests";
      case 503 -> "Service Unavailable";
      default -> "Internal Server Error";
    };
  }

  /** An id as an entity tag (RFC 9110, 8.8.3). */
  static String etag(Id id) {
    return '"' + id.toString() + '"';
  }

  private static void send(Exchange exchange, Response response) {
    exchange.respond(response);
    response.release();
  }
}
