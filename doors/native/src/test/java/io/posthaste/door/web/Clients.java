package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Seen;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The clients of the native wire, one a technique. */
final class Clients {
  private Clients() {}

  /** Opens a client of one technique. */
  interface Opener {
    DoorClient open(InetSocketAddress address, Want want) throws IOException;
  }

  static final Map<String, Opener> ALL =
      Map.of(
          "short poll", (address, want) -> new Polling(to(address), want, ""),
          "long poll", (address, want) -> new Polling(to(address), want, "&wait=10"),
          "SSE", Events::new,
          "ndjson", Lines::new,
          "iframe", Frames::new,
          "WebSocket", Socket::new);

  /** By HTTP/1.1, without TLS. */
  static HttpConnection.Opener to(InetSocketAddress address) {
    return () -> new RawConnection(address);
  }

  /** The query of a want; {@code +} and {@code #} as URLs have them. */
  static String query(Want want) {
    StringBuilder query = new StringBuilder();
    for (String topic : want.topics()) {
      String inUrl = ("/" + topic).replace("/+", "/*").replace("/#", "/**").substring(1);
      query.append(query.length() == 0 ? "?topic=" : "&topic=");
      query.append(URLEncoder.encode(inUrl, UTF_8));
    }
    if (!want.after().isEmpty()) {
      query.append("&after=").append(want.after());
    }
    return query.append(want.onlyLatest() ? "&only=latest" : "").toString();
  }

  static Seen message(Map<String, Object> json, @Nullable String cursor) {
    Object next = json.getOrDefault("next", json.get("id"));
    return Seen.message(
        (String) Objects.requireNonNull(json.get("topic")),
        String.valueOf(json.get("data")),
        cursor == null ? String.valueOf(next) : cursor);
  }

  /** What a JSON object of a stream says. */
  static Seen seen(Map<String, Object> json) {
    if (json.containsKey("missed")) {
      return Seen.missed();
    }
    return json.containsKey("topic")
        ? message(json, null)
        : Seen.place(String.valueOf(json.get("next")));
  }

  /** Asks again and again. */
  static final class Polling implements DoorClient {
    private final HttpConnection connection;
    private final Want want;
    private final String wait;
    private final Deque<Seen> seen = new ArrayDeque<>();
    private String cursor;

    Polling(HttpConnection.Opener opener, Want want, String wait) throws IOException {
      this.connection = opener.open();
      this.want = want;
      this.wait = wait;
      this.cursor = want.after();
      if (cursor.isEmpty()) {
        ask("");
      }
    }

    @Override
    public Seen next(Duration limit) throws IOException {
      connection.limit(limit);
      long end = System.nanoTime() + limit.toNanos();
      try {
        while (seen.isEmpty()) {
          if (System.nanoTime() > end) {
            throw new AssertionError("nothing within " + limit);
          }
          ask(wait);
        }
        return seen.remove();
      } catch (SocketTimeoutException e) {
        throw new AssertionError("nothing within " + limit, e);
      } catch (IOException e) {
        return Seen.end();
      }
    }

    private void ask(String wait) throws IOException {
      connection.get("/v1/updates" + query(want.after(cursor)) + wait);
      HttpConnection.Head head = connection.head();
      String body = connection.text();
      assertThat(head.status()).describedAs(body).isEqualTo(200);
      Map<String, Object> page = TestJson.object(body);
      if (Boolean.TRUE.equals(page.get("missed"))) {
        seen.add(Seen.missed());
      }
      var messages = TestJson.objects(page.get("messages"));
      cursor = String.valueOf(page.get("next"));
      for (int i = 0; i < messages.size(); i++) {
        boolean last = i == messages.size() - 1;
        // Within a page an id is a cursor only if one partition is read.
        String within = cursor.contains("_") ? "" : null;
        seen.add(message(messages.get(i), last ? cursor : within));
      }
    }

    @Override
    public void close() {
      connection.close();
    }
  }

  /** What the clients of streams share. */
  abstract static class Streaming<C extends HttpConnection> implements DoorClient {
    C connection;
    private final Deque<Seen> first = new ArrayDeque<>();

    Streaming(C connection, String target, String... headers) throws IOException {
      this.connection = connection;
      connection.get(target, headers);
      HttpConnection.Head head = connection.head();
      int wanted = target.contains("socket") || headers.length > 2 ? 101 : 200;
      assertThat(head.status()).isEqualTo(wanted);
    }

    /** Waits for the first cursor: from then on nothing that is published is missed. */
    final void awaitPlace() throws IOException {
      Seen seen = next(Duration.ofSeconds(20));
      assertThat(seen.kind()).isEqualTo(Seen.Kind.PLACE);
      first.add(seen);
    }

    @Override
    public final Seen next(Duration limit) throws IOException {
      if (!first.isEmpty()) {
        return first.remove();
      }
      connection.limit(limit);
      try {
        return read();
      } catch (SocketTimeoutException e) {
        throw new AssertionError("nothing within " + limit, e);
      } catch (SocketException | java.io.EOFException e) {
        return Seen.end();
      }
    }

    abstract Seen read() throws IOException;

    @Override
    public void close() {
      connection.close();
    }
  }

  /** Parses an event stream as the HTML standard has it. */
  static final class Events extends Streaming<HttpConnection> {
    private String lastId = "";

    Events(InetSocketAddress address, Want want) throws IOException {
      this(to(address), want);
    }

    Events(HttpConnection.Opener opener, Want want) throws IOException {
      super(opener.open(), "/v1/updates" + query(want), "Accept: text/event-stream");
      awaitPlace();
    }

    @Override
    Seen read() throws IOException {
      String data = null;
      String event = "message";
      String id = null;
      for (String line = connection.line(); line != null; line = connection.line()) {
        if (line.isEmpty()) {
          if (data != null) {
            return event.equals("missed") ? Seen.missed() : message(TestJson.object(data), lastId);
          }
          if (id != null) {
            return Seen.place(id);
          }
          continue;
        }
        assertThat(line).doesNotContain("\r");
        int colon = line.indexOf(": ");
        String field = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(colon + 2);
        switch (field) {
          case "id" -> {
            id = value;
            lastId = value;
          }
          case "event" -> event = value;
          case "data" -> {
            assertThat(data).isNull();
            data = value;
          }
          case "retry", ":" -> assertThat(data).isNull();
          default -> throw new AssertionError("not a field: " + line);
        }
      }
      return Seen.end();
    }
  }

  /** Reads ndjson. */
  static final class Lines extends Streaming<HttpConnection> {
    Lines(InetSocketAddress address, Want want) throws IOException {
      this(to(address), want);
    }

    Lines(HttpConnection.Opener opener, Want want) throws IOException {
      super(opener.open(), "/v1/updates" + query(want), "Accept: application/x-ndjson");
      awaitPlace();
    }

    @Override
    Seen read() throws IOException {
      String line = connection.line();
      return line == null ? Seen.end() : seen(TestJson.object(line));
    }
  }

  /** Reads the script elements of a forever frame. */
  static final class Frames extends Streaming<HttpConnection> {
    private static final String CALL = "<script>parent.got(";
    private static final String RELOAD = "<script>setTimeout(function(){location.replace(\"";

    private final InetSocketAddress address;

    Frames(InetSocketAddress address, Want want) throws IOException {
      super(
          new RawConnection(address),
          "/v1/updates" + query(want) + "&format=frame&callback=parent.got");
      this.address = address;
      assertPadding();
      awaitPlace();
    }

    private void assertPadding() throws IOException {
      String padding = connection.line();
      assertThat(padding).startsWith("<!doctype html>").hasSizeGreaterThan(2_048);
    }

    /** Loads the page anew, as a browser would. */
    private void reload(String url) throws IOException {
      connection.close();
      connection = new RawConnection(address);
      connection.get("/v1/updates" + url);
      assertThat(connection.head().status()).isEqualTo(200);
      assertPadding();
    }

    @Override
    Seen read() throws IOException {
      String line = connection.line();
      if (line != null && line.startsWith(RELOAD) && line.endsWith("},0)</script>")) {
        reload(line.substring(RELOAD.length(), line.indexOf('"', RELOAD.length())));
        line = connection.line();
      }
      if (line == null || line.startsWith(RELOAD)) {
        return Seen.end();
      }
      assertThat(line).startsWith(CALL).endsWith(")</script>");
      String json = line.substring(CALL.length(), line.length() - ")</script>".length());
      assertThat(json).doesNotContain("<", "\u2028", "\u2029");
      return seen(TestJson.object(json));
    }
  }

  /** A WebSocket, frame by frame. */
  static final class Socket extends Streaming<RawConnection> {
    Socket(InetSocketAddress address, Want want) throws IOException {
      this(address, "/v1/updates" + query(want));
      awaitPlace();
    }

    Socket(InetSocketAddress address, String target) throws IOException {
      super(
          new RawConnection(address),
          target,
          "Connection: keep-alive, Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "Sec-WebSocket-Protocol: other, posthaste.v1.json");
    }

    /** Sends a text message. */
    void send(String text) throws IOException {
      frame(0x81, text.getBytes(UTF_8));
    }

    void frame(int first, byte[] payload) throws IOException {
      byte[] mask = {1, 2, 3, 4};
      java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
      out.write(first);
      if (payload.length < 126) {
        out.write(0x80 | payload.length);
      } else if (payload.length < 1 << 16) {
        out.write(0x80 | 126);
        out.write(payload.length >> 8);
        out.write(payload.length);
      } else {
        out.write(0x80 | 127);
        out.writeBytes(java.nio.ByteBuffer.allocate(8).putLong(payload.length).array());
      }
      out.writeBytes(mask);
      for (int i = 0; i < payload.length; i++) {
        out.write(payload[i] ^ mask[i & 3]);
      }
      connection.send(out.toByteArray());
    }

    /** The next text message; null when the server has closed. Pings are answered. */
    @Nullable String text() throws IOException {
      while (true) {
        int first = connection.raw();
        int length = connection.raw();
        if (length == 126) {
          length = connection.raw() << 8 | connection.raw();
        } else if (length == 127) {
          connection.raw(4);
          length =
              connection.raw() << 24
                  | connection.raw() << 16
                  | connection.raw() << 8
                  | connection.raw();
        }
        byte[] payload =
            connection.raw(length).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        switch (first) {
          case 0x81 -> {
            return new String(payload, UTF_8);
          }
          case 0x88 -> {
            closeCode = (payload[0] & 0xff) << 8 | payload[1] & 0xff;
            return null;
          }
          case 0x89 -> frame(0x8a, payload);
          default -> throw new AssertionError("frame " + Integer.toHexString(first));
        }
      }
    }

    int closeCode;

    @Override
    Seen read() throws IOException {
      while (true) {
        String text = text();
        if (text == null) {
          return Seen.end();
        }
        Map<String, Object> json = TestJson.object(text);
        switch (String.valueOf(json.get("op"))) {
          case "message" -> {
            return message(json, null);
          }
          case "done" -> {
            if (json.containsKey("next")) {
              return Seen.place(String.valueOf(json.get("next")));
            }
          }
          case "missed" -> {
            return Seen.missed();
          }
          case "pong" -> {}
          default -> throw new AssertionError(text);
        }
      }
    }
  }
}
