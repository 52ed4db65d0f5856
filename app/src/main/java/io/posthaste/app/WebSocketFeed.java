package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A WebSocket with one reader on it. */
final class WebSocketFeed implements Feed {
  private final Client client;

  WebSocketFeed(Client client) {
    this.client = client;
  }

  @Override
  public void follow(Place place, Listener listener) throws IOException, InterruptedException {
    Inbox inbox = new Inbox();
    WebSocket socket = connect(inbox);
    try {
      listener.onConnected();
      socket.sendText(Json.write(subscription(place)), true);
      for (String text = inbox.take(socket); text != null; text = inbox.take(socket)) {
        take(Json.read(text), place, listener);
      }
    } finally {
      socket.abort();
    }
  }

  private WebSocket connect(Inbox inbox) throws IOException {
    URI base = client.base();
    URI uri = URI.create(base.toString().replaceFirst("^http", "ws") + "/v1/updates");
    WebSocket.Builder builder =
        client.http().newWebSocketBuilder().subprotocols("posthaste.v1.json");
    String authorization = client.authorization();
    if (authorization != null) {
      builder.header("Authorization", authorization);
    }
    try {
      return builder.buildAsync(uri, inbox).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        int status = refused.getResponse().statusCode();
        throw new Client.Refusal(status, "no WebSocket here, HTTP status " + status);
      }
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  private static ObjectNode subscription(Place place) {
    ObjectNode subscription = Json.object().put("op", "subscribe").put("ref", 1);
    place.topics().forEach(subscription.putArray("topics")::add);
    String cursor = place.cursor();
    Integer last = place.last();
    if (cursor != null) {
      subscription.put("after", cursor);
    } else if (last != null) {
      subscription.put("last", last);
    }
    return subscription;
  }

  private static void take(JsonNode json, Place place, Listener listener)
      throws IOException, InterruptedException {
    String op = json.path("op").asText();
    if (op.equals("error")) {
      throw new Client.Refusal(400, json.path("message").asText(json.path("code").asText()));
    }
    StreamFeed.take(json, place, listener);
  }

  /**
   * What has arrived and was not yet looked at. It holds one message and asks for the next when
   * that is taken, so what we are slow with waits at the server.
   */
  private static final class Inbox implements WebSocket.Listener {
    private static final String END = "";

    /**
     * The JDK does not always tell that a connection has ended, so the server is asked when it is
     * quiet, and must answer within as long again.
     */
    private static final long ASK_AFTER_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final BlockingQueue<String> arrived = new ArrayBlockingQueue<>(2);
    private final StringBuilder parts = new StringBuilder();
    private volatile long heardNanos = System.nanoTime();
    private volatile @Nullable Throwable failure;

    /** The next message, whole; null when the connection was closed properly. */
    @Nullable String take(WebSocket socket) throws IOException, InterruptedException {
      heardNanos = System.nanoTime();
      String text = null;
      boolean isAsked = false;
      while (text == null) {
        text = arrived.poll(1, TimeUnit.SECONDS);
        long quietNanos = System.nanoTime() - heardNanos;
        if (text == null && quietNanos > 2 * ASK_AFTER_NANOS) {
          throw new IOException("nothing came for " + quietNanos / 1_000_000_000 + " s");
        }
        if (quietNanos < ASK_AFTER_NANOS) {
          isAsked = false;
        } else if (text == null && !isAsked) {
          isAsked = true;
          socket.sendText("{\"op\":\"ping\"}", true);
        }
      }
      Throwable failed = failure;
      if (failed != null) {
        throw failed instanceof IOException io ? io : new IOException(failed);
      }
      if (text.equals(END)) {
        return null;
      }
      socket.request(1);
      return text;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      heardNanos = System.nanoTime();
      parts.append(data);
      if (last) {
        arrived.add(parts.toString());
        parts.setLength(0);
      } else {
        socket.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
      heardNanos = System.nanoTime();
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      arrived.add(END);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      failure = error;
      arrived.add(END);
    }
  }
}
