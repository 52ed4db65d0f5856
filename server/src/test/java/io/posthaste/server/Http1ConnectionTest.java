package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;

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
  void aHeldAnswerHoldsNoOtherConnection() throws Exception {
    client.get("/hold");
    try (RawClient other = server.connect()) {
      assertThat(other.get("/hello").answer().body()).isEqualTo("hello");
    }
    server.answerHeld("now");
    assertThat(client.answer().body()).isEqualTo("now");
  }

  @Test
  void streamsInChunksAndKeepsTheConnection() throws Exception {
    RawClient.Answer head = client.get("/stream").head();
    assertThat(head.headers()).containsEntry("Transfer-Encoding", "chunked");
    assertThat(head.headers()).containsEntry("X-Accel-Buffering", "no");
    assertThat(client.chunk()).isEqualTo("begin\n");
    TestOutlet stream = server.nextStream();
    stream.run(
        () -> {
          Encoded unit = Encoded.chunk(TestOutlet.bytes("shared"));
          stream.outlet.write(unit);
          stream.outlet.write(TestOutlet.bytes("own "), unit);
          stream.outlet.end();
          unit.release();
        });
    assertThat(client.chunk()).isEqualTo("shared");
    assertThat(client.chunk()).isEqualTo("own shared");
    assertThat(client.chunk()).isEmpty();
    assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
  }

  @Test
  void becomesAWebSocket() throws Exception {
    client.send(
        "GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\n"
            + "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    RawClient.Answer head = client.head();
    assertThat(head.status()).isEqualTo(101);
    assertThat(head.headers())
        .containsEntry("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    client.send(new byte[] {(byte) 0x81, (byte) 0x82, 1, 2, 3, 4, 'h' ^ 1, 'i' ^ 2});
    assertThat(client.bytes(4)).containsExactly(0x81, 2, 'h', 'i');
  }
}
