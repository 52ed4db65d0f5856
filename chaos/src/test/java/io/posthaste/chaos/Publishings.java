package io.posthaste.chaos;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.posthaste.core.Append;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import io.posthaste.door.tcp.TcpClient;
import io.posthaste.door.tcp.TcpRefusedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The ways to publish, one a class. */
final class Publishings {
  private Publishings() {}

  /** A POST a message, each over a connection of its own. */
  record Post(InetSocketAddress server) implements Publishing {
    @Override
    public boolean publish(String topic, String text) throws IOException {
      Map<String, String> headers = Map.of("Content-Type", "text/plain", "Idempotency-Key", text);
      HttpCall call = HttpCall.send(server, "/v1/topics/" + topic, headers, text);
      if (call.status() != 201 && !call.isForNow()) {
        throw new AssertionError(topic + " " + text + ": " + call);
      }
      return call.status() == 201;
    }
  }

  /** A batch of one line a message. */
  record Batch(InetSocketAddress server) implements Publishing {
    @Override
    public boolean publish(String topic, String text) throws IOException {
      String line = "{\"topic\":\"%s\",\"data\":\"%s\",\"key\":\"%2$s\"}".formatted(topic, text);
      HttpCall call = HttpCall.send(server, "/v1/batch", Map.of(), line);
      boolean refusedForNow = call.isForNow() || call.body().contains("\"status\":503");
      if (!refusedForNow && (call.status() != 200 || !call.body().contains("\"id\":"))) {
        throw new AssertionError(topic + " " + text + ": " + call);
      }
      return !refusedForNow;
    }
  }

  /** Over one TCP connection, until it breaks. */
  static final class OverTcp implements Publishing {
    private final InetSocketAddress server;
    private @Nullable TcpClient client;

    OverTcp(InetSocketAddress server) {
      this.server = server;
    }

    @Override
    public boolean publish(String topic, String text) throws IOException {
      TcpClient open = client;
      if (open == null) {
        open = TcpReader.connect(server);
        client = open;
      }
      try {
        Append message = Append.of(new Topic(topic), "text/plain", Payload.of(text)).withKey(text);
        answer(open.publish(message));
        return true;
      } catch (IOException unknown) {
        close();
        if (unknown.getCause() instanceof TcpRefusedException refused) {
          if (!refused.retry()) {
            throw new AssertionError(topic + " " + text, refused);
          }
          return false;
        }
        throw unknown;
      }
    }

    @Override
    public void close() {
      if (client != null) {
        client.close();
        client = null;
      }
    }
  }

  /** Over one WebSocket, until it breaks. */
  static final class OverWebSocket implements Publishing {
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI uri;
    private @Nullable WebSocket socket;
    private volatile CompletableFuture<String> answer = new CompletableFuture<>();

    OverWebSocket(InetSocketAddress server) {
      uri = URI.create("ws://%s:%d/v1/updates".formatted(server.getHostString(), server.getPort()));
    }

    @Override
    public boolean publish(String topic, String text) throws IOException {
      WebSocket open = socket;
      if (open == null) {
        open =
            answer(
                http.newWebSocketBuilder()
                    .connectTimeout(Duration.ofMillis(ANSWER_MILLIS))
                    .buildAsync(uri, new Listening()));
        socket = open;
      }
      answer = new CompletableFuture<>();
      String frame =
          "{\"op\":\"publish\",\"ref\":1,\"topic\":\"%s\",\"data\":\"%s\",\"key\":\"%2$s\"}";
      try {
        answer(open.sendText(frame.formatted(topic, text), true));
        String said = answer(answer);
        boolean done = said.contains("\"op\":\"done\"");
        if (!done && !said.contains("\"code\":\"unavailable\"")) {
          throw new AssertionError(topic + " " + text + ": " + said);
        }
        return done;
      } catch (IOException unknown) {
        close();
        throw unknown;
      }
    }

    private final class Listening implements WebSocket.Listener {
      private final StringBuilder frame = new StringBuilder();

      @Override
      public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        frame.append(data);
        if (last) {
          String said = frame.toString();
          frame.setLength(0);
          if (said.contains("\"ref\":1")) {
            answer.complete(said);
          }
        }
        from.request(1);
        return null;
      }

      @Override
      public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        answer.completeExceptionally(new IOException("closed: " + status + " " + reason));
        return null;
      }

      @Override
      public void onError(WebSocket from, Throwable error) {
        answer.completeExceptionally(error);
      }
    }

    @Override
    public void close() {
      if (socket != null) {
        socket.abort();
        socket = null;
      }
    }
  }

  private static <T> T answer(Future<T> future) throws IOException {
    try {
      return future.get(Publishing.ANSWER_MILLIS, MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException("no answer", e);
    } catch (ExecutionException e) {
      throw new IOException("failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
