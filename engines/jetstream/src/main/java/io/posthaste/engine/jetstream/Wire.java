package io.posthaste.engine.jetstream;

import static java.util.Objects.requireNonNull;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import io.posthaste.core.LogException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks JetStream over one connection, and never blocks. What is asked goes out in the order in
 * which it was asked, behind subscriptions that were made before. Reads are tried again, while a
 * stream has no leader say, until {@link #PATIENCE} is over; then their stage fails with a {@link
 * LogException}. Thread-safe.
 */
final class Wire {
  /** For how long a read is tried. */
  static final Duration PATIENCE = Duration.ofSeconds(8);

  private static final Duration ONE_TRY = Duration.ofSeconds(2);
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

  private static final int NOT_FOUND = 404;

  private final Connection connection;
  private final String api;

  /**
   * @param api what the subjects of JetStream's API begin with, {@code $JS.API.}
   */
  Wire(Connection connection, String api) {
    this.connection = connection;
    this.api = api;
  }

  /** An error that JetStream answered; an expected one is a value to its caller. */
  static final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1;
    final int code;
    final int errorCode;

    ApiError(int code, int errorCode, String description) {
      super(description);
      this.code = code;
      this.errorCode = errorCode;
    }
  }

  Connection connection() {
    return connection;
  }

  boolean isConnected() {
    return connection.getStatus() == Connection.Status.CONNECTED;
  }

  /** One try to have something answered. */
  CompletableFuture<Message> request(
      String subject, @Nullable Headers headers, byte[] body, Duration timeout) {
    if (!isConnected()) {
      return CompletableFuture.failedFuture(new LogException("not connected to NATS"));
    }
    try {
      return connection.requestWithTimeout(subject, headers, body, timeout);
    } catch (RuntimeException e) { // the connection was lost just now, or its queue is full
      return CompletableFuture.failedFuture(new LogException("NATS: " + e.getMessage(), e));
    }
  }

  private <T> CompletableFuture<T> patiently(Supplier<CompletableFuture<T>> attempt) {
    return patiently(attempt, System.nanoTime() + PATIENCE.toNanos());
  }

  private <T> CompletableFuture<T> patiently(
      Supplier<CompletableFuture<T>> attempt, long deadlineNanos) {
    return attempt
        .get()
        .handle(
            (answer, failure) -> {
              if (failure == null) {
                return CompletableFuture.completedFuture(answer);
              }
              Throwable inner = failure instanceof CompletionException ? failure.getCause() : null;
              Throwable cause = inner == null ? failure : inner;
              if (cause instanceof ApiError error && error.code < 500
                  || connection.getStatus() == Connection.Status.CLOSED
                  || System.nanoTime() > deadlineNanos) {
                return CompletableFuture.<T>failedFuture(unreachable(cause));
              }
              return CompletableFuture.supplyAsync(() -> patiently(attempt, deadlineNanos), LATER)
                  .thenCompose(again -> again);
            })
        .thenCompose(answered -> answered);
  }

  private LogException unreachable(Throwable cause) {
    if (cause instanceof LogException known) {
      return known;
    }
    String why = cause instanceof ApiError ? cause.getMessage() : cause.getClass().getSimpleName();
    return new LogException(
        "JetStream does not answer: " + why + " (expected: a leader of each stream)", cause);
  }

  private CompletableFuture<JsonValue> ask(String verb, String stream, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return request(api + verb + stream, null, bytes, ONE_TRY)
        .thenApply(answer -> json(answer.getData()));
  }

  /** Reads an answer of the API, or throws what it says is wrong. */
  static JsonValue json(byte[] answer) {
    JsonValue json = JsonParser.parseUnchecked(answer);
    JsonValue error = JsonValueUtils.readObject(json, "error");
    if (error.map != null && !error.map.isEmpty()) {
      throw new ApiError(
          JsonValueUtils.readInteger(error, "code", 500),
          JsonValueUtils.readInteger(error, "err_code", 0),
          JsonValueUtils.readString(error, "description", "an error without words"));
    }
    return json;
  }

  private CompletableFuture<StreamState> info(String stream, String body) {
    long askedNanos = System.nanoTime();
    return ask("STREAM.INFO.", stream, body)
        .thenApply(answer -> StreamState.of(answer, askedNanos));
  }

  /** What the stream's leader says of it. */
  CompletableFuture<StreamState> state(String stream) {
    return patiently(() -> info(stream, ""));
  }

  /**
   * How many messages each subject has, as the leader says. The answer has all of them, however
   * many: it costs the server a look at every subject of the stream.
   */
  CompletableFuture<Map<String, Long>> counts(String stream, String filter) {
    return counts(stream, filter, new HashMap<>());
  }

  private CompletableFuture<Map<String, Long>> counts(
      String stream, String filter, Map<String, Long> found) {
    String body = "{\"subjects_filter\":\"" + filter + "\",\"offset\":" + found.size() + "}";
    return patiently(() -> info(stream, body))
        .thenCompose(
            state -> {
              found.putAll(state.subjects());
              return state.subjects().isEmpty() || found.size() >= state.allSubjects()
                  ? CompletableFuture.completedFuture(found)
                  : counts(stream, filter, found);
            });
  }

  /**
   * The first message at or above a sequence whose subject matches, as the leader says; empty if
   * there is none. Not by a direct get, which any replica answers: one that catches up after a
   * restart has answered with a message behind some that it lacked yet, and a reader missed those.
   */
  CompletableFuture<Optional<Entry>> next(String stream, long sequence, String filter) {
    return leader(stream, "{\"seq\":" + sequence + ",\"next_by_subj\":\"" + filter + "\"}");
  }

  private static byte[] data(byte @Nullable [] bytes) {
    return bytes == null ? new byte[0] : bytes;
  }

  /** The newest message whose subject matches, as the leader says; empty if there is none. */
  CompletableFuture<Optional<Entry>> last(String stream, String filter) {
    return leader(stream, "{\"last_by_subj\":\"" + filter + "\"}");
  }

  /** The message of that sequence, as the leader says; empty if there is none. */
  CompletableFuture<Optional<Entry>> get(String stream, long sequence) {
    return leader(stream, "{\"seq\":" + sequence + "}");
  }

  private CompletableFuture<Optional<Entry>> leader(String stream, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return patiently(
        () ->
            request(api + "STREAM.MSG.GET." + stream, null, bytes, ONE_TRY)
                .thenApply(answer -> stored(answer, stream)));
  }

  private static Optional<Entry> stored(Message answer, String stream) {
    MessageInfo info = new MessageInfo(answer, stream, false);
    if (info.hasError()) {
      if (info.getErrorCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw new ApiError(
          info.getErrorCode(), info.getApiErrorCode(), String.valueOf(info.getDescription()));
    }
    return Optional.of(
        new Entry(
            requireNonNull(info.getSubject()),
            info.getSeq(),
            info.getHeaders(),
            data(info.getData())));
  }

  /** Removes the messages of a subject. */
  CompletableFuture<Void> purge(String stream, String subject) {
    String body = "{\"filter\":\"" + subject + "\"}";
    return patiently(() -> ask("STREAM.PURGE.", stream, body)).thenApply(done -> null);
  }

  /** Removes the messages of a subject below a sequence, which must be one of the stream's. */
  CompletableFuture<Void> purge(String stream, String subject, long below) {
    String body = "{\"filter\":\"" + subject + "\",\"seq\":" + below + "}";
    return patiently(() -> ask("STREAM.PURGE.", stream, body)).thenApply(done -> null);
  }
}
