package io.posthaste.client;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A WebSocket with one reader on it, read by the subscription's own thread: while its callback
 * runs, what comes waits at the server. (The JDK's WebSocket does not always tell that a connection
 * has ended.)
 */
final class WebSocketCarrier implements Carrier {
  private static final int GOING_AWAY = 1001;
  private static final int SERVICE_RESTART = 1012; // in IANA's registry of close codes
  private static final Pattern PAUSE = Pattern.compile("([0-9]{1,9}) ms");

  private final Options options;
  private final Dialer dialer;

  WebSocketCarrier(Http http, Options options) {
    this.options = options;
    this.dialer = new Dialer(http, options.answerLimit);
  }

  @Override
  public void follow(Node node, Place place, Sink sink) throws IOException, InterruptedException {
    URI uri = node.http("/v1/updates");
    try (Socket socket = dialer.dial(uri)) {
      Upgrade.toWebSocket(socket, uri, options.headers(), options.answerLimit, sink::leaves);
      WebSocketFrames frames =
          new WebSocketFrames(
              socket.getInputStream(), socket.getOutputStream(), options.maxAnswerBytes);
      frames.send(subscription(place.rest()));
      boolean begun = false;
      Duration limit = options.answerLimit;
      for (byte[] text = frames.next(limit, sink); text != null; text = frames.next(limit, sink)) {
        begun |= take(JsonObject.parse(text), sink, begun);
        limit = begun ? options.silenceLimit : options.answerLimit;
      }
      end(frames, sink);
    }
  }

  private static void end(WebSocketFrames frames, Sink sink) throws IOException {
    if (frames.closeCode() == 0) {
      frames.close(GOING_AWAY);
    } else if (frames.closeCode() == SERVICE_RESTART) {
      Matcher pause = PAUSE.matcher(frames.closeReason());
      if (pause.find()) {
        sink.comeBackAfter(Refusals.atMost(Duration.ofMillis(Long.parseLong(pause.group(1)))));
      }
    }
  }

  private static byte[] subscription(Reading reading) {
    return Wire.object(
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
        });
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
}
