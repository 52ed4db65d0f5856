package io.posthaste.app;

import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.TcpClient;
import io.posthaste.door.tcp.TcpClientOptions;
import io.posthaste.door.tcp.TcpListener;
import io.posthaste.door.tcp.TcpMessage;
import io.posthaste.door.tcp.TcpRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

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

  /** Something that was begun, or its refusal. */
  record Knock(String answer, CompletableFuture<String> end) {}

  /**
   * Asks for a topic.
   *
   * @return {@code open}, or the status and code of the refusal; and how what is open ends
   */
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
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(target(server, topic) + query));
    if (!accept.isEmpty()) {
      request.header("Accept", accept);
    }
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    CompletableFuture<HttpResponse<InputStream>> asked =
        HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    if (this == LONG_POLL) {
      try {
        return new Knock(answer(asked.get(700, TimeUnit.MILLISECONDS)), new CompletableFuture<>());
      } catch (TimeoutException held) {
        return new Knock("open", asked.thenApply(Doors::answer));
      }
    }
    HttpResponse<InputStream> answer = asked.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (answer.statusCode() != 200 || this == SHORT_POLL) {
      return new Knock(answer(answer), new CompletableFuture<>());
    }
    CompletableFuture<String> end = new CompletableFuture<>();
    Thread reading =
        new Thread(
            () -> {
              try (InputStream body = answer.body()) {
                body.readAllBytes();
                end.complete("ended");
              } catch (IOException e) {
                end.complete("cut");
              }
            });
    reading.setDaemon(true);
    reading.start();
    return new Knock("open", end);
  }

  private static String answer(HttpResponse<InputStream> response) {
    try (InputStream body = response.body()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      return response.statusCode() == 200
          ? "open"
          : response.statusCode() + " " + GuardedServer.JSON.readTree(text).path("code").asText();
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
    WebSocket.Builder builder = HTTP.newWebSocketBuilder();
    if (authorization != null) {
      builder.header("Authorization", authorization);
    }
    try {
      builder
          .buildAsync(URI.create(target(server, topic).replaceFirst("http", "ws")), listener)
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        int status = refused.getResponse().statusCode();
        return new Knock(
            status + (status == 401 ? " unauthenticated" : " forbidden"),
            new CompletableFuture<>());
      }
      throw e;
    }
    begun.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return new Knock("open", end);
  }

  private static Knock tcp(GuardedServer server, @Nullable String authorization, String topic)
      throws Exception {
    InetSocketAddress address = server.server.tcp().orElseThrow();
    TcpClient client;
    try {
      client =
          TcpClient.connect(
                  address,
                  TcpClientOptions.DEFAULT.withAuthorization(
                      authorization == null ? "" : authorization))
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return new Knock(refusal(e.getCause()), new CompletableFuture<>());
    }
    CompletableFuture<String> begun = new CompletableFuture<>();
    CompletableFuture<String> end = new CompletableFuture<>();
    client.subscribe(
        new Subscription(java.util.List.of(TopicPattern.ofUrl(topic)), Start.NOW, false),
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
    return new Knock(begun.get(PATIENCE.toSeconds(), TimeUnit.SECONDS), end);
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
