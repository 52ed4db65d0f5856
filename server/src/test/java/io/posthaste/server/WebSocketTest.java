package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6455, in raw frames. */
class WebSocketTest {
  static final String HANDSHAKE =
      "GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\n"
          + "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

  private TestServer server;
  private RawClient client;

  @BeforeEach
  void connect() throws IOException {
    server =
        new TestServer(
            HttpLimits.DEFAULT
                .withConnection(ConnectionLimits.DEFAULT.withHeartbeat(Duration.ofMillis(700)))
                .withTimes(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5),
                    Duration.ofMillis(400)));
    client = server.connect();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
  }

  /** A client's frame with FIN. */
  static byte[] frame(int opcode, byte[] payload) {
    return frame(0x80 | opcode, true, payload);
  }

  static byte[] frame(int first, boolean masked, byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int mask = masked ? 0x80 : 0;
    out.write(first);
    if (payload.length < 126) {
      out.write(mask | payload.length);
    } else if (payload.length < 65536) {
      out.write(mask | 126);
      out.write(payload.length >> 8);
      out.write(payload.length);
    } else {
      out.write(mask | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) ((long) payload.length >> shift));
      }
    }
    byte[] key = {11, 22, 33, 44};
    if (masked) {
      out.writeBytes(key);
    }
    for (int i = 0; i < payload.length; i++) {
      out.write(masked ? payload[i] ^ key[i & 3] : payload[i]);
    }
    return out.toByteArray();
  }

  static byte[] closeBody(int code) {
    return new byte[] {(byte) (code >> 8), (byte) code};
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void open() throws IOException {
    RawClient.Answer head = client.send(HANDSHAKE).head();
    assertThat(head.status()).isEqualTo(101);
    assertThat(head.headers())
        .containsEntry("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        .doesNotContainKey("Sec-WebSocket-Protocol");
  }

  private void receives(int opcode, byte[] payload) throws IOException {
    assertThat(client.bytes(2)).containsExactly(0x80 | opcode, payload.length);
    assertThat(client.bytes(payload.length)).containsExactly(payload);
  }

  private void receivesClose(int code) throws IOException {
    byte[] head = client.bytes(2);
    assertThat(head[0]).isEqualTo((byte) 0x88);
    byte[] body = client.bytes(head[1]);
    assertThat((body[0] & 0xff) << 8 | body[1] & 0xff).isEqualTo(code);
    assertThat(client.isClosed()).isTrue();
    client.close();
  }

  @Test
  void takesTextInOneFrameAndInFragmentsWithAPingBetween() throws IOException {
    open();
    client.send(frame(1, utf8("hällo")));
    receives(1, utf8("hällo"));
    byte[] text = utf8("h€llo"); // cut within a character
    client.send(frame(1, true, java.util.Arrays.copyOfRange(text, 0, 2)));
    client.send(frame(9, utf8("now")));
    receives(10, utf8("now"));
    client.send(frame(0, true, java.util.Arrays.copyOfRange(text, 2, 3)));
    client.send(frame(0x80, true, java.util.Arrays.copyOfRange(text, 3, text.length)));
    receives(1, text);
  }

  @Test
  void takesFramesByteByByteAndManyAtOnce() throws IOException {
    open();
    for (byte b : frame(1, utf8("slow"))) {
      client.send(new byte[] {b});
    }
    receives(1, utf8("slow"));
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i < 500; i++) {
      many.writeBytes(frame(1, utf8("m" + i)));
    }
    client.send(many.toByteArray());
    for (int i = 0; i < 500; i++) {
      receives(1, utf8("m" + i));
    }
  }

  @Test
  void takesFramesThatComeWithTheHandshake() throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(utf8(HANDSHAKE));
    both.writeBytes(frame(1, utf8("early")));
    client.send(both.toByteArray());
    assertThat(client.head().status()).isEqualTo(101);
    receives(1, utf8("early"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 125, 126, 65535, 65536, 70_000})
  void takesMessagesOfEverySize(int length) throws IOException {
    open();
    client.send(frame(1, new byte[length]));
    receives(1, length > 125 ? utf8("length " + length) : new byte[length]);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "not masked, 8101 61, 1002",
    "reserved bit 1, c181 00000000 61, 1002",
    "reserved bit 3, 9181 00000000 61, 1002",
    "unknown data opcode, 8381 00000000 61, 1002",
    "unknown control opcode, 8b80 00000000, 1002",
    "fragmented ping, 0980 00000000, 1002",
    "long ping, 89fe 007e, 1002",
    "continuation of nothing, 8081 00000000 61, 1002",
    "message within a message, 0181 00000000 61 8181 00000000 61, 1002",
    "length not shortest 16, 81fe 0001, 1002",
    "length not shortest 64, 81ff 0000000000000001, 1002",
    "negative length, 81ff ffffffffffffffff, 1002",
    "binary, 8281 00000000 61, 1003",
    "invalid text, 8181 00000000 ff, 1007",
    "overlong text, 8182 00000000 c080, 1007",
    "surrogate, 8183 00000000 eda080, 1007",
    "text cut short, 8182 00000000 e282, 1007",
    "too big, 81ff 0000000000011171, 1009",
    "far too big, 81ff 7fffffffffffffff, 1009",
    "close of one byte, 8881 00000000 03, 1002",
    "close 1005, 8882 00000000 03ed, 1002",
    "close 1006, 8882 00000000 03ee, 1002",
    "close 1015, 8882 00000000 03f7, 1002",
    "close 999, 8882 00000000 03e7, 1002",
    "close 1004, 8882 00000000 03ec, 1002",
    "close 2999, 8882 00000000 0bb7, 1002",
    "close 5000, 8882 00000000 1388, 1002",
    "close with bad reason, 8883 00000000 03e8ff, 1007",
    "close 1000, 8882 00000000 03e8, 1000",
    "close 3000, 8882 00000000 0bb8, 3000",
    "close 4999, 8882 00000000 1387, 4999",
  })
  void closesWithTheRightCode(String name, String frames, int code) throws Exception {
    open();
    client.send(HexFormat.of().parseHex(frames.replace(" ", "")));
    receivesClose(code);
    assertThat(server.nextEvent()).isEqualTo("closed");
  }

  @Test
  void answersACloseWithoutCodeLikewise() throws IOException {
    open();
    client.send(frame(8, new byte[0]));
    assertThat(client.bytes(2)).containsExactly(0x88, 0);
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void limitsTheWholeMessageNotOnlyItsFrames() throws IOException {
    open();
    client.send(frame(1, true, new byte[40_000]));
    client.send(frame(0x80, true, new byte[30_001]));
    receivesClose(1009);
  }

  @Test
  void letsTheSenderOfATooBigFrameReadWhyItWasCut() throws IOException {
    open();
    client.send(frame(1, new byte[3_000_000]));
    receivesClose(1009);
  }

  @Test
  void ignoresAPongAndWhatFollowsAClose() throws IOException {
    open();
    client.send(frame(10, utf8("unasked")));
    client.send(frame(8, closeBody(1000)));
    client.send(frame(1, utf8("too late")));
    receivesClose(1000);
  }

  @Test
  void pingsASilentClient() throws IOException {
    open();
    assertThat(client.bytes(2)).containsExactly(0x89, 0);
    client.send(frame(10, new byte[0]));
    client.send(frame(1, utf8("here")));
    receives(1, utf8("here"));
  }

  @Test
  void waitsNotForEverForTheAnswerToAClose() throws Exception {
    open();
    TestOutlet socket = server.nextStream();
    socket.run(() -> ((WebSocket) socket.outlet).close(1013, "ü".repeat(100)));
    byte[] head = client.bytes(4);
    assertThat(head).containsExactly(0x88, 2 + 122, 1013 >> 8, 1013 & 0xff);
    assertThat(client.text(122)).isEqualTo("ü".repeat(61));
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void neverSendsACodeThatMayNotStandOnTheWire() throws Exception {
    open();
    TestOutlet socket = server.nextStream();
    socket.run(
        () -> {
          for (int code : new int[] {1005, 1006, 1015, 0, 2000}) {
            org.assertj.core.api.Assertions.assertThatThrownBy(
                    () -> ((WebSocket) socket.outlet).close(code, ""))
                .isInstanceOf(IllegalArgumentException.class);
          }
        });
    client.send(frame(1, utf8("alive")));
    receives(1, utf8("alive"));
  }

  @Test
  void sendsSharedAndOwnPartsAsOneMessage() throws Exception {
    open();
    TestOutlet socket = server.nextStream();
    socket.run(
        () -> {
          Encoded unit = Encoded.webSocketText(TestOutlet.bytes("shared"));
          socket.outlet.write(unit);
          socket.outlet.write(TestOutlet.bytes("own "), unit);
          socket.outlet.flush();
          unit.release();
        });
    receives(1, utf8("shared"));
    receives(1, utf8("own shared"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "no upgrade|Upgrade: WebSocket|X: y|426",
        "no connection token|Connection: keep-alive, Upgrade|Connection: keep-alive|426",
        "old version|Version: 13|Version: 8|426",
        "no version|Sec-WebSocket-Version: 13|X: y|426",
        "short key|dGhlIHNhbXBsZSBub25jZQ==|dGhlIHNhbXBsZSBub25j|400",
        "no key|Sec-WebSocket-Key: |X: |400",
        "not base64|dGhlIHNhbXBsZSBub25jZQ==|????????????????????????|400",
      })
  void refusesAWrongHandshake(String name, String right, String wrong, int status)
      throws IOException {
    RawClient.Answer answer = client.send(HANDSHAKE.replace(right, wrong)).answer();
    assertThat(answer.status()).isEqualTo(status);
    if (right.contains("ersion")) {
      assertThat(answer.headers()).containsEntry("Sec-WebSocket-Version", "13");
    }
  }
}
