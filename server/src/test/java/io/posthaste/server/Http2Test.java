package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.posthaste.testkit.Http2Client;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** HTTP/2 by prior knowledge, frame by frame: requests, streams, windows, ends, and abuse. */
class Http2Test {
  private static final int NO_ERROR = 0;
  private static final int CANCEL = 8;
  private static final int ENHANCE_YOUR_CALM = 11;

  private final TestServer server = new TestServer();

  @AfterEach
  void close() {
    server.close();
  }

  private static Http2Client to(TestServer server) throws IOException {
    return new Http2Client(new Socket(server.address.getAddress(), server.address.getPort()));
  }

  private Http2Client connect() throws IOException {
    return to(server).hello();
  }

  @Test
  void answersRequests() throws Exception {
    try (Http2Client client = connect()) {
      Http2Client.Answer answer = client.get(1, "/hello").answer(1);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("hello");
      assertThat(answer.headers().get("content-type")).hasToString("text/plain");
      assertThat(answer.headers().get("content-length")).hasToString("5");
      assertThat(answer.headers().contains("date")).isTrue();
      assertThat(client.get(3, "/path/%C3%A9/x").answer(3).body()).isEqualTo("/path/é/x");
      assertThat(client.get(5, "/query?a=1&a=2").answer(5).body()).isEqualTo("{a=[1, 2]}");
      Http2Client.Answer head = client.request(7, "HEAD", "/hello", true).answer(7);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.headers().get("content-length")).hasToString("5");
      assertThat(head.body()).isEmpty();
      assertThat(client.request(9, "OPTIONS", "/hello", true).answer(9).status()).isEqualTo(204);
    }
  }

  @Test
  void aWebSocketIsNeitherOfferedNorOpened() throws Exception {
    Http2Headers connecting =
        new DefaultHttp2Headers()
            .method("CONNECT")
            .add(":protocol", "websocket")
            .scheme("http")
            .path("/hello")
            .authority("localhost")
            .add("sec-websocket-version", "13");
    try (Http2Client client = connect()) {
      byte[] settings = client.next(Http2Client.SETTINGS, 0).payload();
      for (int at = 0; at < settings.length; at += 6) {
        assertThat((int) settings[at + 1])
            .as("ENABLE_CONNECT_PROTOCOL (RFC 8441, 3)")
            .isNotEqualTo(8);
      }
      Http2Client.Answer refused = client.request(1, connecting, true).answer(1);
      assertThat(refused.status()).as(refused.body()).isEqualTo(405);
      assertThat(client.get(3, "/hello").answer(3).status()).isEqualTo(200);
    }
  }

  @Test
  void takesBodies() throws Exception {
    try (Http2Client client = connect()) {
      client.request(1, "POST", "/echo", false);
      client.send(Http2Client.DATA, 0, 1, "ab".getBytes(StandardCharsets.UTF_8));
      client.send(
          Http2Client.DATA, Http2Client.END_STREAM, 1, "cd".getBytes(StandardCharsets.UTF_8));
      assertThat(client.answer(1).body()).isEqualTo("abcd");
      assertThat(client.request(3, "POST", "/echo", true).answer(3).body()).isEmpty();
    }
  }

  @Test
  void answersEndInTrailers() throws Exception {
    try (Http2Client client = connect()) {
      client.get(1, "/trailers");
      assertThat(client.head(1).status()).hasToString("200");
      assertThat(client.next(Http2Client.DATA, 1).text()).isEqualTo("body");
      CharSequence number = client.head(1).get("x-number");
      client.get(3, "/trailers");
      assertThat(client.head(3).get("content-length")).hasToString("4");
      client.next(Http2Client.DATA, 3);
      assertThat(client.head(3).get("x-number")).hasToString(number.toString()); // one connection
    }
  }

  @Test
  void aBodyIsReceivedAsItComesWhileTheAnswerGoes() throws Exception {
    try (Http2Client client = connect()) {
      client.request(1, "POST", "/talk", false);
      assertThat(client.head(1).status()).hasToString("200");
      for (String part : List.of("one", "another")) {
        client.send(Http2Client.DATA, 0, 1, part.getBytes(StandardCharsets.UTF_8));
        assertThat(client.next(Http2Client.DATA, 1).text()).isEqualTo(part);
      }
      byte[] much = new byte[200_000]; // several windows: they are granted anew
      client.grant(1, much.length).grant(0, much.length);
      for (int from = 0; from < much.length; from += 10_000) {
        client.send(Http2Client.DATA, 0, 1, new byte[10_000]);
        client.next(Http2Client.DATA, 1);
      }
      client.send(Http2Client.DATA, Http2Client.END_STREAM, 1);
      assertThat(client.head(1).get("x-heard")).hasToString("200010");
      client.request(3, "POST", "/talk", true);
      assertThat(client.head(3).status()).hasToString("200");
      assertThat(client.head(3).get("x-heard")).hasToString("0");
    }
  }

  @Test
  void whoTalksAndGoesIsNoticed() throws Exception {
    try (Http2Client client = connect()) {
      client.request(1, "POST", "/talk", false);
      client.head(1);
      client.reset(1);
      assertThat(server.nextEvent()).isEqualTo("closed");
      assertThat(client.get(3, "/hello").answer(3).body()).isEqualTo("hello");
    }
    try (RawClient old = server.connect()) {
      old.send("POST /talk HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(old.answer().status()).isEqualTo(505);
    }
  }

  @Test
  void refusesABodyThatIsTooLargeBeforeItIsWhole() throws Exception {
    try (Http2Client client = connect()) {
      client.request(1, "POST", "/echo", false);
      client.send(Http2Client.DATA, 0, 1, new byte[600]);
      client.send(Http2Client.DATA, 0, 1, new byte[600]);
      assertThat(client.answer(1).status()).isEqualTo(413);
      assertThat(client.next(Http2Client.RST_STREAM, 1).error()).isEqualTo(NO_ERROR);
      assertThat(client.get(3, "/hello").answer(3).body()).isEqualTo("hello");
    }
  }

  @Test
  void refusesWhatItRefusesOverHttp1() throws Exception {
    try (Http2Client client = connect()) {
      assertThat(client.get(1, "/nowhere").answer(1).status()).isEqualTo(404);
      assertThat(client.request(3, "POST", "/hello", true).answer(3).status()).isEqualTo(405);
      assertThat(client.get(5, "/path/../hello").answer(5).status()).isEqualTo(400);
      assertThat(
              client.request(7, head("/hello").authority("evil.example"), true).answer(7).status())
          .isEqualTo(421);
      assertThat(
              client
                  .request(9, head("/hello").add("origin", "http://evil.example"), true)
                  .answer(9)
                  .status())
          .isEqualTo(403);
      assertThat(
              client.request(11, head("/hello").add("host", "127.0.0.1"), true).answer(11).status())
          .isEqualTo(400);
      assertThat(client.get(13, "/socket").answer(13).status()).isEqualTo(426);
    }
  }

  private static Http2Headers head(String path) {
    return new DefaultHttp2Headers().method("GET").path(path).scheme("http").authority("localhost");
  }

  @Test
  void refusesHeadersThatAreTooLarge() throws Exception {
    try (Http2Client client = connect()) {
      Http2Headers large = head("/hello");
      for (int i = 0; i < 90; i++) {
        large.add("x" + i, "y".repeat(1_000));
      }
      byte[] block = encoded(large);
      client.send(Http2Client.HEADERS, Http2Client.END_STREAM, 1, slice(block, 0, 16_000));
      for (int from = 16_000; from < block.length; from += 16_000) {
        int to = Math.min(block.length, from + 16_000);
        client.send(9, to == block.length ? 4 : 0, 1, slice(block, from, to));
      }
      assertThat(client.head(1).status()).hasToString("431");
    }
  }

  private static byte[] encoded(Http2Headers headers) throws Exception {
    ByteBuf block = Unpooled.buffer();
    new DefaultHttp2HeadersEncoder().encodeHeaders(1, headers, block);
    return ByteBufUtil.getBytes(block);
  }

  private static byte[] slice(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }

  @Test
  void holdsAndLetsGo() throws Exception {
    try (Http2Client client = connect()) {
      client.get(1, "/hold").get(3, "/hold");
      server.answerHeld("at last");
      assertThat(client.answer(1).body()).isEqualTo("at last");
      client.reset(3);
      assertThat(server.nextEvent()).isEqualTo("gone");
      assertThat(client.get(5, "/hello").answer(5).body()).isEqualTo("hello");
      client.get(7, "/hold");
      server.held.take();
      server.held.take();
    }
    assertThat(server.nextEvent()).isEqualTo("gone");
    await().untilAsserted(() -> assertThat(server.loops.traffic().held()).isZero());
  }

  @Test
  void streamsToItsEnd() throws Exception {
    try (Http2Client client = connect()) {
      client.get(1, "/stream");
      assertThat(client.head(1).get("content-type")).hasToString("text/event-stream");
      assertThat(client.next(Http2Client.DATA, 1).text()).isEqualTo("begin\n");
      TestOutlet stream = server.nextStream();
      assertThat(server.loops.traffic().streams()).isEqualTo(1);
      stream.run(
          () -> {
            Encoded shared = Encoded.chunk(TestOutlet.bytes("shared"));
            stream.outlet.write(TestOutlet.bytes("own "), shared);
            stream.outlet.flush();
            shared.release();
          });
      assertThat(client.next(Http2Client.DATA, 1).text()).isEqualTo("own shared");
      stream.run(() -> stream.outlet.end());
      assertThat(client.next(Http2Client.DATA, 1).isLast()).isTrue();
      assertThat(server.nextEvent()).isEqualTo("closed");
      assertThat(server.loops.traffic().streams()).isZero();
    }
  }

  @Test
  void hasRoomAsTheClientAllows() throws Exception {
    try (Http2Client client = to(server).hello(4, 10)) {
      client.get(1, "/stream");
      assertThat(client.next(Http2Client.DATA, 1).text()).isEqualTo("begin\n");
      TestOutlet stream = server.nextStream();
      stream.run(
          () -> {
            assertThat(stream.outlet.isWritable()).isTrue();
            assertThat(stream.outlet.write(TestOutlet.bytes("0123456789"))).isFalse();
            stream.outlet.flush();
          });
      assertThat(client.next(Http2Client.DATA, 1).text()).isEqualTo("0123");
      client.grant(1, 6);
      assertThat(client.next(Http2Client.DATA, 1).text()).isEqualTo("456789");
      client.grant(1, 100);
      assertThat(server.nextEvent()).isEqualTo("writable");
    }
  }

  @Test
  void cutsAStalledStreamAndNotItsNeighbours() throws Exception {
    HttpLimits quick =
        HttpLimits.DEFAULT.withConnection(
            ConnectionLimits.DEFAULT
                .withHeartbeat(Duration.ofMillis(300))
                .withStall(Duration.ofSeconds(1)));
    try (TestServer server = new TestServer(quick);
        Http2Client client = to(server).hello(4, 8)) {
      client.get(1, "/stream");
      TestOutlet stalled = server.nextStream();
      client.get(3, "/stream").grant(3, 1 << 20);
      TestOutlet lively = server.nextStream();
      stalled.run(
          () -> {
            stalled.outlet.write(TestOutlet.bytes("more than its window"));
            stalled.outlet.flush();
          });
      assertThat(client.next(Http2Client.RST_STREAM, 1).error()).isEqualTo(CANCEL);
      assertThat(server.loops.traffic().stallsCut()).isEqualTo(1);
      lively.run(
          () -> {
            lively.outlet.write(TestOutlet.bytes("alive"));
            lively.outlet.flush();
          });
      assertThat(client.next(frame -> frame.stream() == 3 && frame.text().contains("alive")).type())
          .isEqualTo(Http2Client.DATA);
    }
  }

  @Test
  void asksForHeartbeatsOnASilentStream() throws Exception {
    HttpLimits quick =
        HttpLimits.DEFAULT.withConnection(
            ConnectionLimits.DEFAULT.withHeartbeat(Duration.ofMillis(300)));
    try (TestServer server = new TestServer(quick);
        Http2Client client = to(server).hello()) {
      client.get(1, "/stream");
      assertThat(client.next(Http2Client.DATA, 1).text()).isEqualTo("begin\n");
      assertThat(client.next(Http2Client.DATA, 1).text()).isEqualTo(":\n");
      assertThat(client.next(Http2Client.DATA, 1).text()).isEqualTo(":\n");
    }
  }

  @Test
  void closesAConnectionOnWhichNothingIsAsked() throws Exception {
    Duration quick = Duration.ofMillis(500);
    try (TestServer server =
            new TestServer(HttpLimits.DEFAULT.withTimes(quick, quick, quick, quick));
        Http2Client client = to(server).hello()) {
      assertThat(client.get(1, "/hello").answer(1).status()).isEqualTo(200);
      assertThat(client.next(Http2Client.GOAWAY, 0).error()).isEqualTo(NO_ERROR);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void refusesABodyThatComesTooSlowly() throws Exception {
    Duration quick = Duration.ofMillis(300);
    try (TestServer server =
            new TestServer(HttpLimits.DEFAULT.withTimes(quick, quick, TestServer.LONG, quick));
        Http2Client client = to(server).hello()) {
      client.request(1, "POST", "/echo", false);
      assertThat(client.answer(1).status()).isEqualTo(408);
    }
  }

  @Test
  void saysGoodbyeAtTheEnd() throws Exception {
    try (Http2Client client = connect()) {
      client.get(1, "/hold").get(3, "/stream");
      server.nextStream();
      server.held.take();
      server.loops.drain(Duration.ofSeconds(5));
      List<String> bodies = new ArrayList<>();
      boolean toldToGo = false;
      try {
        while (true) {
          Http2Client.Frame frame = client.frame();
          toldToGo |= frame.type() == Http2Client.GOAWAY && frame.error() == NO_ERROR;
          if (frame.type() == Http2Client.DATA) {
            bodies.add(frame.stream() + " " + frame.text().strip());
          }
        }
      } catch (EOFException | SocketException ended) {
        assertThat(toldToGo).isTrue();
      }
      assertThat(bodies).contains("1 nothing yet").anyMatch(text -> text.startsWith("3 retry: "));
    }
  }

  @Test
  void hasSoManyStreamsAtOnceAndNoMore() throws Exception {
    try (Http2Client client = connect()) {
      client.next(Http2Client.SETTINGS, 0);
      int over = 2 * Http2Connection.MAX_STREAMS + 1;
      for (int stream = 1; stream <= over; stream += 2) {
        client.get(stream, "/hold");
      }
      assertThat(client.next(frame -> frame.type() == Http2Client.RST_STREAM).stream())
          .isEqualTo(over);
      await().untilAsserted(() -> assertThat(server.held).hasSize(Http2Connection.MAX_STREAMS));
    }
  }

  @Test
  void endsAConnectionOfRapidResets() throws Exception {
    try (Http2Client client = connect()) {
      expectCalm(
          client,
          i -> {
            client.get(2 * i + 1, "/hold").reset(2 * i + 1);
          });
      await().untilAsserted(() -> assertThat(server.loops.traffic().held()).isZero());
    }
  }

  @Test
  void endsAConnectionOfPings() throws Exception {
    try (Http2Client client = connect()) {
      expectCalm(client, i -> client.send(Http2Client.PING, 0, 0, new byte[8]));
    }
  }

  @Test
  void endsAConnectionOfSettings() throws Exception {
    try (Http2Client client = connect()) {
      expectCalm(client, i -> client.hello());
    }
  }

  private interface Step {
    void take(int i) throws IOException;
  }

  private static void expectCalm(Http2Client client, Step step) throws IOException {
    try {
      for (int i = 0; i < 3_000; i++) {
        step.take(i);
      }
    } catch (SocketException closed) {
      // The server need not read all of it.
    }
    try {
      assertThat(client.next(Http2Client.GOAWAY, 0).error()).isEqualTo(ENHANCE_YOUR_CALM);
    } catch (SocketException reset) {
      // What it said last was lost on the way; or it was gone when its settings were acknowledged.
      assertThat(reset).hasMessageFindingMatch("reset|Broken pipe");
    }
  }

  @Test
  void understandsAPrefaceInPieces() throws Exception {
    try (RawClient client = server.connect()) {
      for (byte b : "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII)) {
        client.send(new byte[] {b});
      }
      client.send(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
      assertThat(client.bytes(4)[3]).isEqualTo((byte) Http2Client.SETTINGS);
    }
  }
}
