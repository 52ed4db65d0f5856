package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Peers that are silent, slow, stalled, or drop a byte a second. */
class SlowPeersTest {
  private static final HttpLimits QUICK =
      HttpLimits.DEFAULT
          .withConnection(
              ConnectionLimits.DEFAULT
                  .withHeartbeat(Duration.ofMillis(300))
                  .withStall(Duration.ofMillis(800)))
          .withTimes(
              Duration.ofMillis(500),
              Duration.ofMillis(500),
              Duration.ofMillis(500),
              Duration.ofMillis(500));

  private final TestServer server = new TestServer(QUICK);

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void asksForHeartbeatsOnASilentStream() throws Exception {
    try (RawClient client = server.connect()) {
      client.get("/stream").head();
      assertThat(client.chunk()).isEqualTo("begin\n");
      assertThat(client.chunk()).isEqualTo(":\n");
      assertThat(client.chunk()).isEqualTo(":\n");
    }
    assertThat(server.nextEvent()).isEqualTo("heartbeat");
  }

  @Test
  void asksForNoHeartbeatWhileAStreamIsNotSilent() throws Exception {
    Duration heartbeat = Duration.ofMillis(1_500); // more than a busy machine may dawdle
    HttpLimits limits =
        HttpLimits.DEFAULT.withConnection(ConnectionLimits.DEFAULT.withHeartbeat(heartbeat));
    try (TestServer server = new TestServer(limits);
        RawClient client = server.connect()) {
      client.get("/stream").head();
      client.chunk();
      TestOutlet stream = server.nextStream();
      long end = System.nanoTime() + heartbeat.multipliedBy(2).toNanos();
      while (System.nanoTime() < end) {
        stream.run(
            () -> {
              stream.outlet.write(TestOutlet.bytes("x"));
              stream.outlet.flush();
            });
        assertThat(client.chunk()).isEqualTo("x");
      }
      assertThat(server.events).isEmpty();
    }
  }

  @Test
  void closesAConnectionOnWhichNothingIsAsked() throws Exception {
    try (RawClient client = server.connect()) {
      assertThat(client.isClosed()).isTrue();
    }
    try (RawClient client = server.connect()) {
      assertThat(client.get("/hello").answer().status()).isEqualTo(200);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void refusesAHeadThatComesTooSlowly() throws Exception {
    try (RawClient client = server.connect()) {
      client.send("GET /hello HTTP/1.1\r\nHost: ");
      assertThat(client.answer().status()).isEqualTo(408);
      client.socket.shutdownOutput();
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void refusesAHeadOfWhichAByteComesNowAndThen() throws Exception {
    try (RawClient client = server.connect()) {
      client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
      AtomicBoolean answered = new AtomicBoolean();
      Thread dripper = new Thread(() -> drip(client, answered));
      dripper.start();
      assertThat(client.answer().status()).isEqualTo(408);
      answered.set(true);
      dripper.join();
    }
    await().until(() -> server.loops.traffic().connections() == 0);
  }

  private static void drip(RawClient client, AtomicBoolean over) {
    while (!over.get()) {
      try {
        client.send("a");
        synchronized (over) {
          over.wait(50);
        }
      } catch (IOException | InterruptedException e) {
        return;
      }
    }
  }

  @Test
  void refusesABodyThatComesTooSlowly() throws Exception {
    try (RawClient client = server.connect()) {
      client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\na");
      assertThat(client.answer().status()).isEqualTo(408);
    }
  }

  private static byte[] webSocketHead(int length) {
    return new byte[] {(byte) 0x81, (byte) (0x80 | 126), (byte) (length >> 8), (byte) length};
  }

  @Test
  void closesAWebSocketOfWhoseMessageAByteComesNowAndThen() throws Exception {
    try (RawClient client = server.connect()) {
      client.send(WebSocketTest.HANDSHAKE).head();
      client.send(webSocketHead(1_000));
      AtomicBoolean closed = new AtomicBoolean();
      Thread dripper = new Thread(() -> drip(client, closed));
      dripper.start();
      int first = client.bytes(1)[0];
      while (first == (byte) 0x89) { // a ping
        client.bytes(1);
        first = client.bytes(1)[0];
      }
      assertThat(first).isEqualTo((byte) 0x88);
      byte[] body = client.bytes(client.bytes(1)[0]);
      closed.set(true);
      dripper.join();
      assertThat((body[0] & 0xff) << 8 | body[1] & 0xff).isEqualTo(1008);
      assertThat(new String(body, 2, body.length - 2, StandardCharsets.UTF_8))
          .isEqualTo("message: came too slowly (expected: 65536 bytes, or its rest, each 0 s)");
    }
    await().until(() -> server.loops.traffic().connections() == 0);
  }

  @Test
  void leavesAWebSocketAloneWhoseMessagesComeWhole() throws Exception {
    try (RawClient client = server.connect()) {
      client.send(WebSocketTest.HANDSHAKE).head();
      byte[] message = WebSocketTest.frame(1, "hello".getBytes(StandardCharsets.UTF_8));
      long end = System.nanoTime() + Duration.ofSeconds(2).toNanos(); // four times the limit
      while (System.nanoTime() < end) {
        // One in two parts, so that the limit begins and ends; then silence beyond the limit.
        client.send(Arrays.copyOf(message, 3));
        client.send(Arrays.copyOfRange(message, 3, message.length));
        int pings = 0;
        while (pings < 3) {
          byte[] head = client.bytes(2);
          client.bytes(head[1]);
          pings += head[0] == (byte) 0x89 ? 1 : 0;
          assertThat(head[0]).isNotEqualTo((byte) 0x88);
        }
      }
      assertThat(server.loops.traffic().webSockets()).isEqualTo(1);
    }
  }

  @Test
  void boundsWhatWaitsForAReaderThatStallsThenCutsIt() throws Exception {
    try (RawClient client = new RawClient(server.address, 4096)) {
      client.get("/stream").head();
      TestOutlet stream = server.nextStream();
      int[] units = new int[1];
      stream.run(
          () -> {
            Encoded unit = Encoded.chunk(TestOutlet.bytes("x".repeat(1024)));
            while (stream.outlet.write(unit) && units[0] < 100_000) {
              units[0]++;
              stream.outlet.flush();
            }
            unit.release();
          });
      assertThat(units[0]).isGreaterThan(60).isLessThan(2_000);
      assertThat(server.nextEvent()).isIn("heartbeat", "closed");
      await().atMost(TestServer.LONG).until(() -> server.loops.traffic().connections() == 0);
      assertThat(server.loops.traffic().stallsCut()).isEqualTo(1);
      assertThat(server.loops.traffic().streams()).isZero();
    }
  }

  @Test
  void neverCutsAReaderThatIsMerelySlow() throws Exception {
    Duration stall = Duration.ofSeconds(2);
    HttpLimits limits =
        HttpLimits.DEFAULT.withConnection(ConnectionLimits.DEFAULT.withStall(stall));
    try (TestServer server = new TestServer(limits);
        RawClient client = new RawClient(server.address, 4096)) {
      client.get("/stream").head();
      assertThat(client.chunk()).isEqualTo("begin\n");
      TestOutlet stream = server.nextStream();
      // 200 KiB a second for three times the limit. Bytes wait all the time, and the kernel takes
      // some of them several times a second, so a machine that is busy may dawdle for a while.
      long begun = System.nanoTime();
      for (int read = 0; read < 1_200; read++) {
        if (read % 20 == 0) {
          stream.run(() -> fill(stream.outlet));
        }
        assertThat(client.chunk()).hasSize(1_024);
        long next = begun + stall.multipliedBy(3).toNanos() / 1_200 * (read + 1);
        await().pollDelay(Duration.ZERO).until(() -> System.nanoTime() >= next);
      }
      assertThat(server.loops.traffic().stallsCut()).isZero();
      assertThat(server.loops.traffic().streams()).isEqualTo(1);
    }
  }

  private static void fill(Outlet outlet) {
    Encoded unit = Encoded.chunk(TestOutlet.bytes("x".repeat(1_024)));
    while (outlet.write(unit)) {
      outlet.flush();
    }
    unit.release();
  }

  @Test
  void tellsTheWriterWhenAFullConnectionHasRoomAgain() throws Exception {
    try (RawClient client = new RawClient(server.address, 4096)) {
      client.get("/stream").head();
      assertThat(client.chunk()).isEqualTo("begin\n");
      TestOutlet stream = server.nextStream();
      stream.run(
          () -> {
            while (stream.outlet.write(TestOutlet.bytes("x".repeat(1024)))) {}
            assertThat(stream.outlet.isWritable()).isFalse();
            stream.outlet.flush();
          });
      while (!server.events.contains("writable")) {
        client.chunk();
      }
    }
  }

  @Test
  void stopsReadingRequestsOfAClientThatDoesNotReadItsAnswers() throws Exception {
    try (RawClient client = new RawClient(server.address, 4096)) {
      byte[] request =
          ("GET /path/" + "a".repeat(50_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes();
      Thread sender =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 1_000; i++) {
                    client.send(request);
                  }
                } catch (IOException expected) {
                  // cut, as it should be
                }
              });
      sender.start();
      sender.join();
      await().until(() -> server.loops.traffic().connections() == 0);
      assertThat(server.loops.traffic().stallsCut()).isEqualTo(1);
      assertThat(server.loops.traffic().bytesIn()).isLessThan(5_000_000);
    }
  }
}
