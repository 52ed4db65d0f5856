package io.posthaste.door.nacos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.Unpooled;
import io.posthaste.config.Changed;
import io.posthaste.server.Exchange;
import io.posthaste.server.JsonCheck;
import io.posthaste.server.Problem;
import io.posthaste.server.Response;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers as Nacos gives them: texts and JSON, never to be cached. */
final class Answers {
  static final ObjectMapper JSON = new ObjectMapper(JsonCheck.TREES);

  private static final String TEXT = "text/plain;charset=UTF-8";
  private static final String JSON_TYPE = "application/json;charset=UTF-8";

  private Answers() {}

  /** Headers of any answer, to which more can be added. */
  static Map<String, String> headers(String contentType) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", contentType);
    headers.put("Pragma", "no-cache");
    headers.put("Expires", "0");
    headers.put("Cache-Control", "no-cache,no-store");
    headers.put("X-Content-Type-Options", "nosniff");
    return headers;
  }

  static Response response(int status, Map<String, String> headers, byte[] body) {
    return Response.of(status, headers, Unpooled.wrappedBuffer(body));
  }

  static Response text(int status, String text) {
    return response(status, headers(TEXT), text.getBytes(StandardCharsets.UTF_8));
  }

  static void text(Exchange exchange, int status, String text) {
    send(exchange, text(status, text));
  }

  static void json(Exchange exchange, JsonNode json) {
    try {
      send(exchange, response(200, headers(JSON_TYPE), JSON.writeValueAsBytes(json)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  /** A refusal that a retry may change: real clients go to the next server, and keep their copy. */
  static void unavailable(Exchange exchange, String why) {
    Map<String, String> headers = headers(TEXT);
    headers.put("Retry-After", "1");
    send(exchange, response(503, headers, (why + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  /** A refusal as the server words it. */
  static void problem(Exchange exchange, Problem problem) {
    Map<String, String> headers = headers(TEXT);
    headers.putAll(problem.headers());
    String text = problem.detail() + "\n";
    send(exchange, response(problem.status(), headers, text.getBytes(StandardCharsets.UTF_8)));
  }

  static void send(Exchange exchange, Response response) {
    try {
      exchange.respond(response);
    } finally {
      response.release();
    }
  }

  /** Says what became of a change. */
  static void changed(Exchange exchange, Changed outcome) {
    if (outcome instanceof Changed.Done || outcome instanceof Changed.AbsentAlready) {
      send(exchange, response(200, headers(JSON_TYPE), "true".getBytes(StandardCharsets.US_ASCII)));
    } else if (outcome instanceof Changed.Conflict) {
      text(exchange, 409, "casMd5: the content is another (expected: the MD5 of the latest)\n");
    } else if (outcome instanceof Changed.TooLarge tooLarge) {
      text(
          exchange,
          413,
          "content: too large (expected: at most " + tooLarge.maxBytes() + " bytes)\n");
    } else if (outcome instanceof Changed.Refused refused) {
      text(exchange, 409, refused.reason() + "\n");
    } else if (outcome instanceof Changed.Unavailable unavailable) {
      unavailable(exchange, unavailable.reason());
    } else {
      text(exchange, 404, "there is no such version (expected: one that is kept)\n");
    }
  }
}
