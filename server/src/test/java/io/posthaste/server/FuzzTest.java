package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Feeds what reads from the network with mutated input, for as many seconds as {@code
 * -Dposthaste.fuzz.seconds} says, 2 by default, from a seed that failures name and {@code
 * -Dposthaste.fuzz.seed} sets. The oracle: however the bytes are cut, the same is understood, and
 * only refusals are thrown.
 */
class FuzzTest {
  private static final long SECONDS = Long.getLong("posthaste.fuzz.seconds", 2);
  private static final long SEED = Long.getLong("posthaste.fuzz.seed", System.nanoTime());
  private static final ByteBufAllocator ALLOC = UnpooledByteBufAllocator.DEFAULT;

  private static final List<String> REQUESTS =
      List.of(
          "GET /v1/updates?topic=a%2Fb&after=0 HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
          "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde",
          "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3;x=y\r\nabc\r\n0a\r\n0123456789\r\n0\r\nT: u\r\n\r\n",
          "GET http://localhost/path/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
          "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nOrigin: http://localhost\r\n\r\n");
  private static final List<String> HTTP_WORDS =
      List.of(
          "\r\n",
          "\n",
          "\r",
          "\0",
          " ",
          "\t",
          ":",
          "%",
          "..",
          "/",
          "HTTP/1.1",
          "Host: x\r\n",
          "Content-Length: 3\r\n",
          "Transfer-Encoding: chunked\r\n",
          "0\r\n\r\n",
          "ffffffffffff",
          "-1",
          "\u00ff",
          "a".repeat(300),
          "\r\n\r\n",
          "Expect: 100-continue\r\n");

  private interface Check {
    void on(byte[] input, Random random) throws Exception;
  }

  private static void fuzz(List<byte[]> seeds, List<String> words, Check check) {
    Random random = new Random(SEED);
    Mutations mutations = new Mutations(seeds, words, random);
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    for (long inputs = 0; inputs < 100 || System.nanoTime() < end; inputs++) {
      byte[] input = mutations.next();
      try {
        check.on(input, random);
      } catch (Throwable failure) {
        throw new AssertionError(
            "seed " + SEED + ", input " + Base64.getEncoder().encodeToString(input), failure);
      }
    }
  }

  @Test
  void understandsRequestsTheSameHoweverTheyAreCut() {
    fuzz(
        REQUESTS.stream().map(text -> text.getBytes(StandardCharsets.ISO_8859_1)).toList(),
        HTTP_WORDS,
        (input, random) -> {
          List<String> whole = readHttp(input, input.length, random);
          assertThat(readHttp(input, 1, random)).isEqualTo(whole);
          assertThat(readHttp(input, 7, random)).isEqualTo(whole);
        });
  }

  /** What a connection would understand of the bytes: requests, and the refusal that ends them. */
  private static List<String> readHttp(byte[] input, int cut, Random random) {
    List<String> understood = new ArrayList<>();
    RecentHeads heads = new RecentHeads();
    Http1Input in = new Http1Input(ALLOC.buffer());
    Http1Body body = null;
    try {
      for (int from = 0; from < input.length; ) {
        int length = Math.min(input.length - from, cut == 1 ? 1 : 1 + random.nextInt(cut));
        if (cut == input.length) {
          length = cut;
        }
        in.add(ALLOC, ALLOC.buffer(length).writeBytes(input, from, length));
        from += length;
        while (true) {
          if (body != null) {
            if (!body.read(in.bytes())) {
              break;
            }
            ByteBuf bytes = body.take();
            understood.add("body " + bytes.toString(StandardCharsets.ISO_8859_1));
            bytes.release();
            body = null;
          }
          RequestHead head = in.pollHead(HttpLimits.DEFAULT, heads);
          if (head == null) {
            break;
          }
          ReceivedRequest request = new ReceivedRequest(head);
          understood.add(request.method() + " " + request.rawPath() + " " + request.host());
          long expected = Http1Body.lengthOf(request);
          if (expected != 0) {
            body = Http1Body.of(ALLOC, expected, 1_000);
          }
        }
      }
    } catch (Refusal refusal) {
      understood.add("refused " + refusal.problem().status());
    } finally {
      if (body != null) {
        body.release();
      }
      in.release();
    }
    return understood;
  }

  @Test
  void understandsFramesTheSameHoweverTheyAreCut() {
    List<byte[]> seeds =
        List.of(
            WebSocketTest.frame(1, "hällo".getBytes(StandardCharsets.UTF_8)),
            WebSocketTest.frame(1, new byte[200]),
            WebSocketTest.frame(1, true, "frag".getBytes(StandardCharsets.UTF_8)),
            WebSocketTest.frame(0x80, true, "ment".getBytes(StandardCharsets.UTF_8)),
            WebSocketTest.frame(9, new byte[5]),
            WebSocketTest.frame(8, WebSocketTest.closeBody(1000)));
    List<String> words =
        List.of("\u0081", "\u0089\u0080", "\u0001\u0080", "\u00fe\uffff", "\u00ff", "\0\0\0\0");
    fuzz(
        seeds,
        words,
        (input, random) -> {
          List<String> whole = readFrames(input, input.length);
          assertThat(readFrames(input, 1)).isEqualTo(whole);
          assertThat(readFrames(input, 1 + random.nextInt(9))).isEqualTo(whole);
        });
  }

  private static List<String> readFrames(byte[] input, int cut) {
    List<String> understood = new ArrayList<>();
    boolean[] closed = new boolean[1];
    WebSocketInput in =
        new WebSocketInput(
            new WebSocketInput.Events() {
              @Override
              public boolean isOpen() {
                return !closed[0];
              }

              @Override
              public void onText(ByteBuf text) {
                assertThat(text.readableBytes()).isLessThanOrEqualTo(1_000);
                understood.add("text " + text.toString(StandardCharsets.UTF_8));
              }

              @Override
              public void onPing(ByteBuf payload) {
                understood.add("ping " + payload.readableBytes());
              }

              @Override
              public void onClose(int code) {
                understood.add("close " + code);
                closed[0] = true;
              }

              @Override
              public void onBroken(int code, String why) {
                understood.add("broken " + code);
                closed[0] = true;
              }
            },
            1_000);
    for (int from = 0; from < input.length && !closed[0]; from += cut) {
      int length = Math.min(cut, input.length - from);
      in.read(ALLOC, ALLOC.buffer(length).writeBytes(input, from, length));
    }
    in.release();
    return understood;
  }

  @Test
  void livesThroughBadInputOnRealSockets() throws Exception {
    try (TestServer server = new TestServer()) {
      fuzz(
          REQUESTS.stream().map(text -> text.getBytes(StandardCharsets.ISO_8859_1)).toList(),
          HTTP_WORDS,
          (input, random) -> {
            try (RawClient client = server.connect()) {
              client.send(input);
              if (random.nextBoolean()) {
                client.send(input);
              }
              client.socket.setSoLinger(true, 0);
            } catch (IOException expected) {
              // refused and closed while it was still being sent
            }
          });
      try (RawClient client = server.connect()) {
        assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
      }
      await()
          .atMost(TestServer.LONG)
          .until(() -> server.loops.traffic().connections() == 0 && server.deadlines() == 0);
      assertThat(server.loops.traffic().answers(5)).isLessThan(server.loops.traffic().answers(4));
    }
  }
}
