package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Thousands of connections that come and go at random leave nothing behind. */
class ChurnTest {
  private static final int CONNECTIONS = 3_000;

  private final TestServer server = new TestServer();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void leavesNothingBehind() throws Exception {
    Random random = new Random(7);
    List<RawClient> open = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      RawClient client = server.connect();
      open.add(client);
      begin(client, random.nextInt(8));
      if (open.size() > 100) {
        end(open.remove(random.nextInt(open.size())), random.nextInt(3));
      }
    }
    for (RawClient client : open) {
      end(client, random.nextInt(3));
    }
    Traffic traffic = server.loops.traffic();
    await().atMost(TestServer.LONG).until(() -> traffic.connections() == 0);
    assertThat(traffic.accepted()).isEqualTo(CONNECTIONS);
    assertThat(traffic.held()).isZero();
    assertThat(traffic.streams()).isZero();
    assertThat(traffic.webSockets()).isZero();
    assertThat(server.deadlines()).isZero();
  }

  private static void begin(RawClient client, int what) throws IOException {
    switch (what) {
      case 0 -> client.send("GET /hel");
      case 1 -> client.get("/hold");
      case 2 -> client.get("/stream");
      case 3 -> client.get("/stream").head();
      case 4 -> client.send(WebSocketTest.HANDSHAKE).head();
      case 5 -> client.send(WebSocketTest.HANDSHAKE).send(new byte[] {(byte) 0x81});
      case 6 -> client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na");
      default -> client.get("/hello").get("/hold").get("/hello");
    }
  }

  private static void end(RawClient client, int how) throws IOException {
    if (how == 0) {
      client.socket.setSoLinger(true, 0);
    } else if (how == 1) {
      client.socket.shutdownOutput();
    }
    client.close();
  }
}
