package io.posthaste.door.nacos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.posthaste.server.Exchange;
import java.util.Map;

/** Answers of {@code {"code","message","data"}}, which is what v2 and v3 give whatever comes. */
final class Results {
  private static final int OK = 0;
  private static final int FORBIDDEN = 10_001;
  private static final int MALFORMED = 20_002;
  private static final int NOT_FOUND = 20_004;
  private static final int CONFLICT = 20_005;
  private static final int FAILED = 30_000;

  private Results() {}

  /** Whether whoever asks looks for such answers. */
  static boolean isAskedFor(Exchange exchange) {
    return exchange instanceof ResultExchange;
  }

  static void ok(Exchange exchange, JsonNode data) {
    answer(exchange, 200, OK, "success", data, Map.of());
  }

  /** A refusal; its code comes of its status. */
  static void refuse(Exchange exchange, int status, String why, Map<String, String> more) {
    answer(exchange, status, code(status), why, NullNode.getInstance(), more);
  }

  private static int code(int status) {
    return switch (status) {
      case 400, 413 -> MALFORMED;
      case 401, 403 -> FORBIDDEN;
      case 404 -> NOT_FOUND;
      case 409 -> CONFLICT;
      default -> FAILED;
    };
  }

  private static void answer(
      Exchange exchange,
      int status,
      int code,
      String message,
      JsonNode data,
      Map<String, String> more) {
    JsonNode json =
        Answers.JSON.createObjectNode().put("code", code).put("message", message).set("data", data);
    Map<String, String> headers = Answers.headers("application/json;charset=UTF-8");
    headers.putAll(more);
    Answers.send(exchange, Answers.response(status, headers, json.toString().getBytes(UTF_8)));
  }
}
