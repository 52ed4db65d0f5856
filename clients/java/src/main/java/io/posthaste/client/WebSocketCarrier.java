package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A WebSocket with one reader on it. */
final class WebSocketCarrier implements Carrier {
  private static final int SERVICE_RESTART = 1012; // in IANA's registry of close codes
  private static final Pattern PAUSE = Pattern.compile("([0-9]{1,9}) ms");

  private final Http http;
  private final Options options;

  WebSocketCarrier(Http http, Options options) {
    this.http = http;
    this.options = options;
  }

  @Override
  public void follow(Node node, Place place, Sink sink) throws IOException, InterruptedException {
    Inbox inbox = new Inbox(options.maxAnswerBytes);
    WebSocket socket = connect(node, inbox);
    try {
      Waiting.get(
          socket.sendText(subscription(place.rest()), true), options.answerLimit, "subscribing");
      boolean begun = false;
      while (true) {
        Duration limit = begun ? options.silenceLimit : options.answerLimit;
        String text = inbox.arrivals.take(limit, sink);
        if (text == null) {
          break;
        }
        begun |= take(JsonObject.parse(text.getBytes(UTF_8)), sink, begun);
        socket.request(1); // only now, so that whoever is slow is behind at the server
      }
    } finally {
      socket.abort();
    }
    String reason = inbox.restart;
    Matcher pause = PAUSE.matcher(reason == null ? "" : reason);
    if (pause.find()) {
      sink.comeBackAfter(Refusals.atMost(Duration.ofMillis(Long.parseLong(pause.group(1)))));
    }
  }

  private WebSocket connect(Node node, Inbox inbox) throws IOException, InterruptedException {
    try {
      return http.upgrade(node.webSocket("/v1/updates"), inbox);
    } catch (WebSocketHandshakeException e) {
      int status = e.getResponse() == null ? 0 : e.getResponse().statusCode();
      throw new IOException("no WebSocket here, HTTP status " + status, e);
    }
  }

  private static String subscription(Reading reading) {
    return new String(
        Wire.object(
            json -> {
              json.writeStringField("op", "subscribe");
              json.writeNumberField("ref", 1);
              json.writeArrayFieldStart("topics");
              for (String topic : reading.topics()) {
                json.writeString(topic);
              }
              json.writeEndArray();
              Reading.Beginning beginning = reading.beginning();
              if (beginning == Reading.Beginning.LAST) {
                json.writeNumberField(beginning.parameter, Integer.parseInt(reading.from()));
              } else if (beginning != Reading.Beginning.NOW) {
                json.writeStringField(beginning.parameter, reading.from());
              }
              if (reading.isOnlyLatest()) {
                json.writeStringField("only", "latest");
              }
            }),
        UTF_8);
  }

  /** Whether the reader stands, as far as this frame tells. */
  private static boolean take(JsonObject json, Sink sink, boolean begun)
      throws IOException, InterruptedException {
    switch (json.text("op", "")) {
      case "message":
        Message message = Wire.message(json);
        sink.message(message, json.text("next", message.id()));
        return true;
      case "missed":
        sink.missed(Wire.gaps(json));
        return begun;
      case "done":
        if (!begun) {
          sink.works();
        }
        sink.cursor(json.expect("next"));
        return true;
      case "error":
        throw Refusals.refuse(
            json.text("code", "failed"), json.text("message", "refused"), json.text("latest"));
      default:
        return begun; // a pong, or what we do not know
    }
  }

  /** What has arrived and was not yet looked at: one message, as one at a time is asked for. */
  private static final class Inbox implements WebSocket.Listener {
    final Arrivals<String> arrivals = new Arrivals<>();
    volatile @Nullable String restart;
    private final int maxChars;
    private final StringBuilder parts = new StringBuilder();

    Inbox(int maxChars) {
      this.maxChars = maxChars;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      if (parts.length() + data.length() > maxChars) {
        arrivals.fail(new IOException("a message of more than " + maxChars + " characters"));
        socket.abort();
        return null;
      }
      parts.append(data);
      if (last) {
        arrivals.add(parts.toString());
        parts.setLength(0);
        parts.trimToSize();
      } else {
        arrivals.heard();
        socket.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
      arrivals.heard();
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
      arrivals.heard();
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      if (code == SERVICE_RESTART) {
        restart = reason;
      }
      arrivals.end();
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      arrivals.fail(error);
    }
  }
}
