package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Http1ConnectionTest {
  private TestServer server;
  private RawClient client;

  @BeforeEach
  void connect() throws IOException {
    server = new TestServer();
    client = server.connect();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
  }

  @Test
  void answersRequestAfterRequestOnOneConnection() throws Exception {
    for (int i = 0; i < 3; i++) {
      RawClient.Answer answer = client.get("/hello").answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("hello");
      assertThat(answer.headers()).containsKeys("Date", "Content-Length");
    }
  }

  @Test
  void answersPipelinedRequestsInOrderThoughTheFirstIsHeld() throws Exception {
    client.get("/hold").get("/hello").get("/path/last");
    server.answerHeld("first");
    assertThat(client.answer().body()).isEqualTo("first");
    assertThat(client.answer().body()).isEqualTo("hello");
    assertThat(client.answer().body()).isEqualTo("/path/last");
  }

  @Test
  void answersThousandsOfPipelinedRequests() throws Exception {
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      requests.append("GET /path/").append(i).append(" HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    Thread sender =
        new Thread(
            () -> {
              try {
                client.send(requests.toString());
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    sender.start();
    for (int i = 0; i < 5_000; i++) {
      assertThat(client.answer().body()).isEqualTo("/path/" + i);
    }
    sender.join();
  }

  @Test
  void aHeldAnswerHoldsNoOtherConnection() throws Exception {
    client.get("/hold");
    try (RawClient other = server.connect()) {
      assertThat(other.get("/hello").answer().body()).isEqualTo("hello");
    }
    server.answerHeld("now");
    assertThat(client.answer().body()).isEqualTo("now");
  }

  @Test
  void oneResponseAnswersManyHeldExchanges() throws Exception {
    client.get("/hold");
    Exchange first = server.held.take();
    try (RawClient other = server.connect()) {
      other.get("/hold");
      Exchange second = server.held.take();
      first
          .shard()
          .loop()
          .submit(
              () -> {
                Response shared = Response.of(200, java.util.Map.of(), TestOutlet.bytes("to all"));
                first.respond(shared);
                first.respond(shared); // answered already: nothing happens
                if (second.shard() == first.shard()) {
                  second.respond(shared);
                }
                shared.release();
              })
          .get();
      if (second.shard() != first.shard()) {
        second.shard().loop().execute(() -> TestServer.text(second, 200, "to all"));
      }
      assertThat(client.answer().body()).isEqualTo("to all");
      assertThat(other.answer().body()).isEqualTo("to all");
      assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
    }
  }

  @Test
  void tellsTheHolderWhenTheClientIsReset() throws Exception {
    client.get("/hold");
    server.held.take();
    client.socket.setSoLinger(true, 0);
    client.close();
    assertThat(server.nextEvent()).isEqualTo("gone");
    await().until(() -> server.loops.traffic().connections() == 0);
  }

  @Test
  void answersAHeldPollAtOnceWhenTheClientHalfCloses() throws Exception {
    client.get("/hold");
    server.held.take();
    client.socket.shutdownOutput();
    assertThat(server.nextEvent()).isEqualTo("hurry");
    assertThat(client.answer().body()).isEqualTo("nothing yet");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void answersAllRequestsThatCameBeforeAHalfClose() throws Exception {
    client.send(
        "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
            + "GET /path/b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    client.socket.shutdownOutput();
    assertThat(client.answer().body()).isEqualTo("hello");
    assertThat(client.answer().body()).isEqualTo("/path/b");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void sendsOnlyTheHeadToHead() throws Exception {
    RawClient.Answer head = client.send("HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").head();
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.headers()).containsEntry("Content-Length", "5");
    assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
  }

  @Test
  void sendsOnlyTheHeadOfAStreamToHead() throws Exception {
    RawClient.Answer head = client.send("HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n").head();
    assertThat(head.headers()).containsEntry("Content-Type", "text/event-stream");
    assertThat(server.nextEvent()).isEqualTo("closed");
    assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
  }

  @Test
  void tellsWhatIsAllowed() throws Exception {
    RawClient.Answer options =
        client.send("OPTIONS /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
    assertThat(options.status()).isEqualTo(204);
    assertThat(options.headers()).containsEntry("Allow", "GET, HEAD, OPTIONS");
    RawClient.Answer wrong =
        client.send("DELETE /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
    assertThat(wrong.status()).isEqualTo(405);
    assertThat(wrong.headers()).containsEntry("Allow", "GET, HEAD, OPTIONS");
    assertThat(client.send("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n").answer().status())
        .isEqualTo(204);
  }

  @Test
  void saysWhatIsWrongAsAProblem() throws Exception {
    RawClient.Answer answer = client.get("/no\"where").answer();
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.headers()).containsEntry("Content-Type", "application/problem+json");
    assertThat(answer.body())
        .isEqualTo(
            "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
                + "\"detail\":\"path: /no\\\"where leads nowhere\"}\n");
    assertThat(client.get("/hello").answer().status()).isEqualTo(200);
  }

  @Test
  void blamesItselfForAFailingHandlerAndLivesOn() throws Exception {
    assertThat(client.get("/broken").answer().status()).isEqualTo(500);
    assertThat(client.get("/hello").answer().status()).isEqualTo(200);
  }

  @Test
  void decodesPathsAndQueries() throws Exception {
    assertThat(client.get("/path/a%2Fb/%E6%96%B0+c").answer().body()).isEqualTo("/path/a/b/新+c");
    assertThat(client.get("/path/新").answer().body()).isEqualTo("/path/新");
    assertThat(client.get("/query?a=1&b=x+y%2B&a=2&&c").answer().body())
        .isEqualTo("{a=[1, 2], b=[x y+], c=[]}");
    assertThat(client.get("/path/%ff").answer().status()).isEqualTo(400);
    assertThat(client.get("/path/%4").answer().status()).isEqualTo(400);
    assertThat(client.get("/query?a=%zz").answer().status()).isEqualTo(400);
  }

  @Test
  void takesBodiesOfKnownLengthAndInChunks() throws Exception {
    client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab");
    client.send("cde");
    assertThat(client.answer().body()).isEqualTo("abcde");
    String chunked =
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: Chunked\r\n\r\n"
            + "3;x=y\r\nabc\r\n000A\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";
    assertThat(client.send(chunked).answer().body()).isEqualTo("abc0123456789");
    for (byte b : chunked.getBytes()) {
      client.send(new byte[] {b});
    }
    assertThat(client.answer().body()).isEqualTo("abc0123456789");
  }

  @Test
  void tellsTheClientToGoOnWhenItAsks() throws Exception {
    client.send(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
            + "Expect: 100-continue\r\n\r\n");
    assertThat(client.line()).isEqualTo("HTTP/1.1 100 Continue");
    assertThat(client.line()).isEmpty();
    assertThat(client.send("ok").answer().body()).isEqualTo("ok");
  }

  @Test
  void refusesAnExpectedBodyBeforeItComes() throws Exception {
    client.send(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000\r\n"
            + "Expect: 100-continue\r\n\r\n");
    assertThat(client.answer().status()).isEqualTo(413);
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void answersATooLargeBodyAtOnceAndReadsItToItsEnd() throws Exception {
    client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\n");
    client.send(new byte[2_000_000]); // before the answer is read
    client.send(new byte[2_000_000]);
    RawClient.Answer answer = client.answer();
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.headers()).containsEntry("Connection", "close");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void refusesATooLargeChunkedBody() throws Exception {
    client.send(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3E8\r\n"
            + "x".repeat(1000)
            + "\r\n1\r\nx\r\n0\r\n\r\n");
    assertThat(client.answer().status()).isEqualTo(413);
    client.socket.shutdownOutput();
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void takesLongRequestLinesButNotTooLongOnes() throws Exception {
    assertThat(client.get("/path/" + "a".repeat(60_000)).answer().status()).isEqualTo(200);
    assertThat(client.get("/path/" + "a".repeat(66_000)).answer().status()).isEqualTo(414);
  }

  @Test
  void refusesTooManyHeaders() throws Exception {
    client.send(
        "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "a".repeat(17_000) + "\r\n\r\n");
    assertThat(client.answer().status()).isEqualTo(431);
  }

  @Test
  void speaksHttp10() throws Exception {
    client.send("GET /hello HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    assertThat(client.answer().headers()).containsEntry("Connection", "keep-alive");
    RawClient.Answer last = client.send("GET /hello HTTP/1.0\r\n\r\n").answer();
    assertThat(last.headers()).containsEntry("Connection", "close");
    assertThat(last.body()).isEqualTo("hello");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void closesWhenTheClientWantsIt() throws Exception {
    client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: x, Close\r\n\r\n");
    assertThat(client.answer().headers()).containsEntry("Connection", "close");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void skipsEmptyLinesBeforeARequest() throws Exception {
    assertThat(client.send("\r\n\r\n").get("/hello").answer().status()).isEqualTo(200);
  }

  @Test
  void readsAHeadThatComesByteByByte() throws Exception {
    for (byte b : "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes()) {
      client.send(new byte[] {b});
    }
    assertThat(client.answer().body()).isEqualTo("hello");
  }
}
