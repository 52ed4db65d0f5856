package io.posthaste.door.nacos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.netty.buffer.Unpooled;
import io.posthaste.config.Changed;
import io.posthaste.core.LogException;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Completion;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.JsonCheck;
import io.posthaste.server.Problem;
import io.posthaste.server.Response;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers as Nacos gives them, never to be cached: texts and JSON of v1. Where v2 or v3 is asked,
 * outcomes and refusals are {@link Results}.
 */
final class Answers {
  static final ObjectMapper JSON = new ObjectMapper(JsonCheck.TREES);

  private static final String TEXT = "text/plain;charset=UTF-8";
  private static final String JSON_TYPE = "application/json;charset=UTF-8";

  private static final Logger LOGGER = LoggerFactory.getLogger(Answers.class);

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
    if (status < 400) {
      send(exchange, text(status, text));
    } else {
      refuse(exchange, status, text, Map.of());
    }
  }

  private static void refuse(Exchange exchange, int status, String text, Map<String, String> more) {
    if (Results.isAskedFor(exchange)) {
      Results.refuse(exchange, status, text.strip(), more);
    } else {
      Map<String, String> headers = headers(TEXT);
      headers.putAll(more);
      send(exchange, response(status, headers, text.getBytes(StandardCharsets.UTF_8)));
    }
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
    refuse(exchange, 503, why + "\n", Map.of("Retry-After", "1"));
  }

  /** A refusal as the server words it. */
  static void problem(Exchange exchange, Problem problem) {
    refuse(exchange, problem.status(), problem.detail() + "\n", problem.headers());
  }

  static void send(Exchange exchange, Response response) {
    try {
      exchange.respond(response);
    } finally {
      response.release();
    }
  }

  /** Yes, or done. */
  static void isTrue(Exchange exchange) {
    json(exchange, BooleanNode.TRUE, BooleanNode.TRUE);
  }

  /** JSON as v1 has it, or v2 and v3 as their data. */
  static void json(Exchange exchange, JsonNode bare, JsonNode data) {
    if (Results.isAskedFor(exchange)) {
      Results.ok(exchange, data);
    } else {
      json(exchange, bare);
    }
  }

  /** Says what became of a change. */
  static void changed(Exchange exchange, Changed outcome) {
    if (outcome instanceof Changed.Done || outcome instanceof Changed.AbsentAlready) {
      isTrue(exchange);
    } else if (outcome instanceof Changed.Conflict && Results.isAskedFor(exchange)) {
      text(exchange, 409, "it is no longer what it was (expected: a look at what it is)");
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

  /**
   * Holds an exchange until a stage is complete, and goes on then by its shard's thread. If the
   * stage or what follows fails, the exchange is answered with that.
   */
  static <T> void later(Exchange exchange, CompletionStage<T> stage, Consumer<? super T> done) {
    exchange.hold(HoldListener.SHORTLY);
    Completion.on(exchange.shard(), stage, done, why -> failed(exchange, why));
  }

  private static void failed(Exchange exchange, Throwable why) {
    if (why instanceof LogException failure) {
      LOGGER.debug("the log does not answer why={}", failure.getMessage());
      unavailable(exchange, "the log does not answer (expected: a retry)");
    } else if (why instanceof MalformedException refusal) {
      text(exchange, 400, refusal.getMessage() + "\n");
    } else {
      LOGGER.error("a request failed", why);
      text(exchange, 500, "the server failed at this request; its log says why\n");
    }
  }
}
