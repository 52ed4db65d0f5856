package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.posthaste.core.LogException;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Wheel;
import io.posthaste.server.Completion;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Request;
import io.posthaste.server.Response;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call over gRPC: a message that is answered by a message, within the time that the client
 * gives. Owned by its shard's thread.
 */
final class GrpcCall extends Wheel.Entry implements HoldListener {
  // Codes of Nacos' that stand for the server, not for what was asked.
  /** It is not ready: clients keep what they have and try again, here or elsewhere. */
  static final int NOT_READY = 300;

  /** The connection has not introduced itself: clients connect anew. */
  static final int NOT_CONNECTED = 301;

  /** The type of the request is not known. */
  static final int NO_HANDLER = 302;

  static final String CONTENT_TYPE = "application/grpc";

  private static final Map<String, String> HEADERS =
      Map.of("Content-Type", CONTENT_TYPE, "grpc-accept-encoding", "identity");
  private static final Logger LOGGER = LoggerFactory.getLogger(GrpcCall.class);

  private final Exchange exchange;
  private final InetAddress client;
  private long timeoutMillis; // 0: none
  private boolean isAnswered;

  GrpcCall(Exchange exchange) {
    this.exchange = exchange;
    this.client = exchange.client();
  }

  /** Whether a request is one of gRPC at all. */
  static boolean isGrpc(Request request) {
    String type = request.header("content-type");
    return type != null && type.startsWith(CONTENT_TYPE);
  }

  /** The head of a stream of messages. */
  static Response head() {
    return Response.of(200, HEADERS);
  }

  /**
   * Takes the time that the client gives.
   *
   * @throws GrpcException if that is malformed
   */
  void limitTime() {
    timeoutMillis = timeoutMillis(exchange.request().header("grpc-timeout"));
  }

  /** As gRPC writes it: a number of at most 8 digits, and its unit. */
  static long timeoutMillis(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    int last = text.length() - 1;
    try {
      if (last >= 1 && last <= 8) {
        long number = Integer.parseUnsignedInt(text, 0, last, 10);
        switch (text.charAt(last)) {
          case 'H':
            return number * 3_600_000;
          case 'M':
            return number * 60_000;
          case 'S':
            return number * 1_000;
          case 'm':
            return Math.max(1, number);
          case 'u':
            return Math.max(1, number / 1_000);
          case 'n':
            return Math.max(1, number / 1_000_000);
          default:
            break;
        }
      }
    } catch (NumberFormatException e) {
      throw new GrpcException(malformedTimeout());
    }
    throw new GrpcException(malformedTimeout());
  }

  private static GrpcStatus malformedTimeout() {
    return GrpcStatus.invalid("grpc-timeout: (expected: up to 8 digits and one of H M S m u n)");
  }

  InetAddress client() {
    return client;
  }

  static ObjectNode done() {
    return Answers.JSON.createObjectNode().put("resultCode", 200).put("success", true);
  }

  static ObjectNode failed(int code, String why) {
    return Answers.JSON
        .createObjectNode()
        .put("resultCode", 500)
        .put("errorCode", code)
        .put("success", false)
        .put("message", why);
  }

  /** Answers with a message. */
  void answer(String type, ObjectNode json) {
    ByteBuf frame = GrpcFrames.encode(exchange.alloc(), GrpcMessage.payload(type, json));
    respond(Response.of(200, HEADERS, frame, GrpcStatus.OK.trailers()));
  }

  /** Answers what was asked by an error of the server's, whatever the type of the request. */
  void refuse(int code, String why) {
    answer("ErrorResponse", failed(code, why));
  }

  /** Ends the call without a message. */
  void fail(GrpcStatus status) {
    Map<String, String> headers = new LinkedHashMap<>(HEADERS);
    headers.putAll(status.trailers());
    respond(Response.of(200, headers, Unpooled.EMPTY_BUFFER));
  }

  private void respond(Response response) {
    try {
      if (!isAnswered) {
        isAnswered = true;
        exchange.shard().wheel().cancel(this);
        exchange.respond(response);
      }
    } finally {
      response.release();
    }
  }

  /** Goes on once a stage is complete, by the shard's thread; answers if it fails. */
  <T> void later(CompletionStage<T> stage, Consumer<? super T> done) {
    if (timeoutMillis > 0 && !isDeadlineSet()) {
      exchange.shard().wheel().set(this, timeoutMillis);
    }
    exchange.hold(this);
    Completion.on(exchange.shard(), stage, value -> run(() -> done.accept(value)), this::failed);
  }

  /** Goes on after the time for which whoever publishes faster than he may has to wait. */
  void pause(Runnable rest) {
    exchange.hold(this);
    PublishRate.pause(exchange, () -> run(rest));
  }

  /** Does a part of it; whatever becomes of that, it is answered. */
  void run(Runnable part) {
    try {
      part.run();
    } catch (GrpcException e) {
      fail(e.status());
    } catch (MalformedException e) {
      refuse(400, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void failed(Throwable failure) {
    if (failure instanceof LogException) {
      LOGGER.debug("the log does not answer why={}", failure.getMessage());
      refuse(NOT_READY, "the log does not answer (expected: a retry)");
    } else if (failure instanceof MalformedException) {
      refuse(400, String.valueOf(failure.getMessage()));
    } else {
      LOGGER.error("a call failed", failure);
      refuse(500, "the server failed at this request; its log says why");
    }
  }

  @Override
  protected void onDeadline() {
    fail(GrpcStatus.late());
  }

  @Override
  public void onGone() {
    isAnswered = true;
    exchange.shard().wheel().cancel(this);
  }

  @Override
  public void onHurry() {
    // Its answer is on its way.
  }
}
