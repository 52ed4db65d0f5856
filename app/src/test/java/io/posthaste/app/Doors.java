package io.posthaste.app;

import static org.awaitility.Awaitility.await;

import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.TcpClient;
import io.posthaste.door.tcp.TcpListener;
import io.posthaste.door.tcp.TcpMessage;
import io.posthaste.door.tcp.TcpRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The ways to read, each as a client knocks on it who may or may not come in. */
enum Doors {
  SHORT_POLL("", "", false),
  LONG_POLL("&wait=30", "", true),
  EVENTS("", "text/event-stream", true),
  LINES("", "application/x-ndjson", true),
  FRAME("&format=frame&callback=f", "", true),
  WEB_SOCKET("", "", true),
  TCP("", "", true);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String query;
  private final String accept;
  private final boolean stays;

  Doors(String query, String accept, boolean stays) {
    this.query = query;
    this.accept = accept;
    this.stays = stays;
  }

  /** Whether it holds something open that can be ended. */
  boolean stays() {
    return stays;
  }

  /**
   * Something that was begun, or its refusal.
   *
   * @param answer {@code open}, or the status and code of the refusal
   * @param end how what is open ends
   * @param leaving ends it from the client's side
   */
  record Knock(String answer, CompletableFuture<String> end, Runnable leaving)
      implements AutoCloseable {
    private static Knock over(String answer) {
      return new Knock(answer, new CompletableFuture<>(), () -> {});
    }

    @Override
    public void close() {
      leaving.run();
    }
  }

  /** Asks for a topic. */
  Knock knock(GuardedServer server, @Nullable String authorization, String topic) throws Exception {
    return switch (this) {
      case WEB_SOCKET -> webSocket(server, authorization, topic);
      case TCP -> tcp(server, authorization, topic);
      default -> http(server, authorization, topic);
    };
  }

  private static String target(GuardedServer server, String topic) {
    return server.url + "/v1/updates?topic=" + URLEncoder.encode(topic, StandardCharsets.UTF_8);
  }

  private Knock http(GuardedServer server, @Nullable String authorization, String topic)
      throws Exception {
    Map<String, String> headers = new HashMap<>();
    if (!accept.isEmpty()) {
      headers.put("Accept", accept);
    }
    if (authorization != null) {
      headers.put("Authorization", authorization);
    }
    if (this == LONG_POLL) {
      await("polls of before have ended").atMost(PATIENCE).until(() -> polls(server) == 0);
    }
    Wire.Asked asked = server.wire.get(URI.create(target(server, topic) + query), headers);
    if (this == LONG_POLL) {
      await().atMost(PATIENCE).until(() -> asked.answer().isDone() || polls(server) > 0);
      if (!asked.answer().isDone()) {
        return new Knock("open", asked.answer().thenApply(Doors::answer), asked.leaving());
      }
    }
    Wire.Answer answer = asked.answer().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (answer.status() != 200 || this == SHORT_POLL || this == LONG_POLL) {
      String said = answer(answer);
      asked.leaving().run();
      return Knock.over(said);
    }
    CompletableFuture<String> end = new CompletableFuture<>();
    Thread reading =
        new Thread(
            () -> {
              try (InputStream body = answer.body()) {
                while (body.read() >= 0) {
                  // Until it ends.
                }
                end.complete("ended");
              } catch (IOException e) {
                end.complete("cut");
              }
            });
    reading.setDaemon(true);
    reading.start();
    return new Knock("open", end, asked.leaving());
  }

  private static int polls(GuardedServer server) {
    return (int) server.metric("posthaste_polls_held");
  }

  private static String answer(Wire.Answer response) {
    try (InputStream body = response.body()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      return response.status() == 200
          ? "open"
          : response.status() + " " + GuardedServer.JSON.readTree(text).path("code").asText();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Knock webSocket(GuardedServer server, @Nullable String authorization, String topic)
      throws Exception {
    CompletableFuture<String> end = new CompletableFuture<>();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public @Nullable CompletionStage<?> onText(
              WebSocket socket, CharSequence text, boolean last) {
            if (text.toString().contains("\"op\":\"error\"")) {
              end.complete(text.toString().replaceAll(".*\"code\":\"([A-Za-z]+)\".*", "$1"));
            }
            begun.complete(null);
            socket.request(1);
            return null;
          }
        };
    WebSocket.Builder builder = server.http.newWebSocketBuilder();
    if (authorization != null) {
      builder.header("Authorization", authorization);
    }
    try {
      WebSocket socket =
          builder
              .buildAsync(URI.create(target(server, topic).replaceFirst("http", "ws")), listener)
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      begun.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return new Knock("open", end, socket::abort);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        int status = refused.getResponse().statusCode();
        return Knock.over(status + (status == 401 ? " unauthenticated" : " forbidden"));
      }
      throw e;
    }
  }

  private static Knock tcp(GuardedServer server, @Nullable String authorization, String topic)
      throws Exception {
    TcpClient client;
    try {
      client =
          TcpClient.connect(
                  server.server.tcp().orElseThrow(),
                  server.tcp.withAuthorization(authorization == null ? "" : authorization))
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return Knock.over(refusal(e.getCause()));
    }
    CompletableFuture<String> begun = new CompletableFuture<>();
    CompletableFuture<String> end = new CompletableFuture<>();
    client.subscribe(
        new Subscription(List.of(TopicPattern.ofUrl(topic)), Start.NOW, false),
        new TcpListener() {
          @Override
          public void onMessage(TcpMessage message) {}

          @Override
          public void onPlace(String cursor) {
            begun.complete("open");
          }

          @Override
          public void onEnded(Throwable reason) {
            if (!begun.complete(refusal(reason))) {
              String[] words = refusal(reason).split(" ");
              end.complete(words[words.length - 1]);
            }
          }
        });
    return new Knock(begun.get(PATIENCE.toSeconds(), TimeUnit.SECONDS), end, client::close);
  }

  private static String refusal(@Nullable Throwable reason) {
    Throwable cause = reason instanceof CompletionException ? reason.getCause() : reason;
    if (cause instanceof TcpRefusedException refused) {
      return switch (refused.code()) {
        case "unauthenticated" -> "401 unauthenticated";
        case "forbidden" -> "403 forbidden";
        default -> refused.code();
      };
    }
    return String.valueOf(cause);
  }
}
