package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Mutated conversations of HTTP/2 on real sockets, for as many seconds as {@code
 * -Dposthaste.fuzz.seconds} says, 2 by default: whatever comes, nothing is logged as our failure,
 * nothing leaks, and when the clients have gone nothing of them is left.
 */
class Http2FuzzTest {
  private static final long SECONDS = Long.getLong("posthaste.fuzz.seconds", 2);
  private static final long SEED = Long.getLong("posthaste.fuzz.seed", System.nanoTime());
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final List<String> WORDS =
      List.of(
          text(frame(4, 0, 0, new byte[0])),
          text(frame(4, 1, 0, new byte[0])),
          text(frame(3, 0, 1, new byte[] {0, 0, 0, 8})),
          text(frame(8, 0, 0, new byte[] {0x7f, -1, -1, -1})),
          text(frame(8, 0, 1, new byte[] {0, 0, 0, 1})),
          text(frame(4, 0, 0, new byte[] {0, 4, 0, 0, 0, 0})),
          text(frame(6, 0, 0, new byte[8])),
          text(frame(7, 0, 0, new byte[8])),
          text(frame(0, 1, 3, new byte[5])),
          text(frame(9, 4, 1, new byte[3])),
          "\u00ff\u00ff\u00ff",
          "\0\0\0");

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) 0)
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  private static byte[] conversation(String method, String path) throws Exception {
    ByteBuf block = Unpooled.buffer();
    new DefaultHttp2HeadersEncoder()
        .encodeHeaders(
            1,
            new DefaultHttp2Headers()
                .method(method)
                .path(path)
                .scheme("http")
                .authority("localhost"),
            block);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(frame(4, 0, 0, new byte[0]));
    boolean hasBody = method.equals("POST");
    all.writeBytes(frame(1, hasBody ? 4 : 5, 1, ByteBufUtil.getBytes(block)));
    if (hasBody) {
      all.writeBytes(frame(0, 0, 1, new byte[10]));
      all.writeBytes(frame(0, 1, 1, new byte[10]));
    }
    return all.toByteArray();
  }

  @Test
  void bearsWhateverComes() throws Exception {
    Mutations mutations =
        new Mutations(
            List.of(
                conversation("GET", "/hello"),
                conversation("POST", "/echo"),
                conversation("GET", "/hold"),
                conversation("GET", "/stream")),
            WORDS,
            new Random(SEED));
    try (TestServer server = new TestServer()) {
      long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
      for (int inputs = 0; inputs < 100 || System.nanoTime() < end; inputs++) {
        byte[] input = mutations.next();
        try {
          say(server, input);
        } catch (IOException | AssertionError failure) {
          throw new AssertionError(
              "seed " + SEED + ", input " + Base64.getEncoder().encodeToString(input), failure);
        }
        server.held.clear();
        server.streams.clear();
      }
      await()
          .untilAsserted(
              () -> {
                assertThat(server.loops.traffic().connections()).isZero();
                assertThat(server.loops.traffic().held()).isZero();
                assertThat(server.loops.traffic().streams()).isZero();
                assertThat(server.deadlines()).isZero();
              });
      try (RawClient client = server.connect()) {
        assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
      }
    }
  }

  private static void say(TestServer server, byte[] input) throws IOException {
    try (Socket socket = new Socket(server.address.getAddress(), server.address.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(PREFACE);
      socket.getOutputStream().write(input);
      assertThat(socket.getInputStream().read()).as("it says its settings first").isZero();
    } catch (SocketException reset) {
      // It has ended the connection, which is an answer.
    }
  }
}
