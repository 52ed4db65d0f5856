package io.posthaste.app.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBufUtil;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.Problem;
import io.posthaste.server.Response;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the demo's small applications answer: JSON, now or when the log has spoken. */
final class Answers {
  private static final Logger LOGGER = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  static ObjectNode json() {
    return JsonNodeFactory.instance.objectNode();
  }

  static void send(Exchange exchange, int status, ObjectNode json) {
    Map<String, String> headers =
        Map.of("Content-Type", "application/json", "Cache-Control", "no-store");
    send(
        exchange,
        Response.of(status, headers, ByteBufUtil.writeUtf8(exchange.alloc(), json.toString())));
  }

  static void send(Exchange exchange, Response response) {
    exchange.respond(response);
    response.release();
  }

  /** Holds the exchange until a stage completes, and answers on its loop then. */
  static <T> void later(Exchange exchange, CompletionStage<T> stage, Consumer<T> answer) {
    exchange.hold(HoldListener.SHORTLY);
    stage.whenComplete(
        (result, failure) ->
            exchange
                .shard()
                .loop()
                .execute(
                    () -> {
                      if (failure == null) {
                        answer.accept(result);
                      } else {
                        LOGGER.warn("not answered reason={}", failure.toString());
                        Problem.of(503, "log: it cannot take this now (expected: a retry later)")
                            .with("Retry-After", "1")
                            .answer(exchange);
                      }
                    }));
  }

  /** Too often. */
  static void tooMany(Exchange exchange, Allowance allowance, String what) {
    Problem.of(429, what + ": too many at once (expected: a retry later)")
        .with("Retry-After", Long.toString(Math.max(1, allowance.secondsToNext())))
        .answer(exchange);
  }
}
