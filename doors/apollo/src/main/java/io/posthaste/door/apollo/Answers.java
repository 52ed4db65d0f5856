package io.posthaste.door.apollo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.Unpooled;
import io.posthaste.access.Session;
import io.posthaste.core.LogException;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import io.posthaste.server.Completion;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.JsonCheck;
import io.posthaste.server.Response;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers as Apollo gives them, never to be cached. */
final class Answers {
  static final ObjectMapper JSON = new ObjectMapper(JsonCheck.TREES);
  static final String JSON_TYPE = "application/json;charset=UTF-8";
  static final String TEXT_TYPE = "text/plain;charset=UTF-8";

  private static final Logger LOGGER = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  private static Map<String, String> headers(String contentType) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", contentType);
    headers.put("Cache-Control", "no-cache,no-store");
    headers.put("X-Content-Type-Options", "nosniff");
    return headers;
  }

  static Response response(int status, String contentType, byte[] body) {
    return Response.of(status, headers(contentType), Unpooled.wrappedBuffer(body));
  }

  static Response response(JsonNode json) {
    return response(200, JSON_TYPE, bytes(json));
  }

  static byte[] bytes(JsonNode json) {
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  static void json(Exchange exchange, JsonNode json) {
    send(exchange, response(json));
  }

  /** Has no body: 304, or a 404 as clients expect it. */
  static Response empty(int status) {
    return response(status, TEXT_TYPE, new byte[0]);
  }

  static void error(Exchange exchange, int status, String message) {
    send(exchange, error(status, message));
  }

  /** An error as Apollo's servers say it: clients put the whole body into what they throw. */
  static Response error(int status, String message) {
    Map<String, String> headers = headers(JSON_TYPE);
    if (status == 503 || status == 429) {
      headers.put("Retry-After", "1");
    }
    JsonNode json =
        JSON.createObjectNode()
            .put("status", status)
            .put("message", message)
            .put("timestamp", Instant.now().toString());
    return Response.of(status, headers, Unpooled.wrappedBuffer(bytes(json)));
  }

  static void send(Exchange exchange, Response response) {
    try {
      exchange.respond(response);
    } finally {
      response.release();
    }
  }

  /** Refuses to let somebody read or publish what he may not. */
  static void forbid(Exchange exchange, Session session, String what, Topic topic) {
    if (session.isSuspended()) {
      error(exchange, 503, "who may what cannot be known now (expected: a retry)");
    } else {
      int status = session.isProved() ? 403 : 401;
      String whom = session.isProved() ? session.identity().id() : "anybody";
      error(exchange, status, what + " \"" + topic + "\" is not granted to " + whom);
    }
  }

  /** Answers a request that has failed. */
  static void failed(Exchange exchange, Throwable failure) {
    if (failure instanceof MalformedException refusal) {
      error(exchange, 400, String.valueOf(refusal.getMessage()));
    } else if (failure instanceof LogException) {
      LOGGER.debug("the log does not answer why={}", failure.getMessage());
      error(exchange, 503, "the log does not answer (expected: a retry)");
    } else {
      LOGGER.error("a request failed", failure);
      error(exchange, 500, "the server failed at this request; its log says why");
    }
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * Holds an exchange until a stage is complete, and goes on then by its shard's thread. If the
   * stage or what follows fails, the exchange is answered with that.
   */
  static <T> void later(Exchange exchange, CompletionStage<T> stage, Consumer<? super T> done) {
    exchange.hold(HoldListener.SHORTLY);
    Completion.on(exchange.shard(), stage, done, why -> failed(exchange, why));
  }
}
