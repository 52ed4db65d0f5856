package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Too many connections: who is refused, what he is told, and that a place comes free again. */
class ConnectionQuotaTest {
  private static final TrustedProxies LOOPBACK = TrustedProxies.of(List.of("127.0.0.1"));

  @Test
  void oneAddressMayHaveNoMoreThanItsShare() throws IOException {
    ConnectionQuota quota = new ConnectionQuota(100, 2, 100, TrustedProxies.NONE);
    try (TestServer server = new TestServer(quota)) {
      RawClient first = server.connect();
      assertThat(first.get("/hello").answer().status()).isEqualTo(200);
      try (RawClient second = server.connect()) {
        assertThat(second.get("/hello").answer().status()).isEqualTo(200);
        try (RawClient third = server.connect()) {
          RawClient.Answer refused = third.answer();
          assertThat(refused.status()).isEqualTo(429);
          assertThat(refused.headers()).containsKey("Retry-After");
          assertThat(refused.body()).contains("this address has as many").contains("at most 2");
        }
        assertThat(another(server, "127.0.0.2")).startsWith("HTTP/1.1 200");
        assertThat(quota.refusedOfAddress()).isEqualTo(1);

        first.close();
        await()
            .untilAsserted(
                () -> {
                  try (RawClient again = server.connect()) {
                    assertThat(again.get("/hello").answer().status()).isEqualTo(200);
                  }
                });
      }
    }
  }

  @Test
  void aStreamKeepsThePlaceOfItsConnectionAndGivesItBack() throws Exception {
    ConnectionQuota quota = new ConnectionQuota(100, 1, 100, TrustedProxies.NONE);
    try (TestServer server = new TestServer(quota)) {
      try (RawClient stream = server.connect()) {
        stream.get("/stream");
        server.nextStream();
        try (RawClient other = server.connect()) {
          assertThat(other.answer().status()).isEqualTo(429);
        }
      }
      await()
          .untilAsserted(
              () -> {
                try (RawClient again = server.connect()) {
                  assertThat(again.get("/hello").answer().status()).isEqualTo(200);
                }
              });
    }
  }

  @Test
  void allTogetherMayHaveNoMoreThanThereIs() throws IOException {
    ConnectionQuota quota = new ConnectionQuota(1, 100, 100, TrustedProxies.NONE);
    try (TestServer server = new TestServer(quota);
        RawClient first = server.connect()) {
      assertThat(first.get("/hello").answer().status()).isEqualTo(200);
      try (RawClient second = server.connect()) {
        RawClient.Answer refused = second.answer();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.body()).contains("as many as there may be");
      }
      assertThat(quota.refusedOfAll()).isEqualTo(1);
      assertThat(first.get("/hello").answer().status()).isEqualTo(200);
    }
  }

  /** They do not take what those who are served need. */
  @Test
  void onlySoManyOfThoseWhoAreRefusedAreToldSoAtATime() throws IOException {
    ConnectionQuota quota = new ConnectionQuota(1, 100, 100, TrustedProxies.NONE);
    for (int i = 0; i < 256; i++) {
      assertThat(quota.mayBeTold()).isTrue();
    }
    try (TestServer server = new TestServer(quota);
        RawClient served = server.connect()) {
      assertThat(served.get("/hello").answer().status()).isEqualTo(200);
      try (RawClient another = server.connect()) {
        assertThat(another.isClosed()).isTrue();
      }
      quota.wasTold();
      try (RawClient another = server.connect()) {
        assertThat(another.answer().status()).isEqualTo(503);
      }
      assertThat(served.get("/hello").answer().status()).isEqualTo(200);
    }
  }

  @Test
  void aTrustedProxyIsHeldToNoShareAndSpeaksForOthers() throws IOException {
    ConnectionQuota quota = new ConnectionQuota(100, 1, 100, LOOPBACK);
    try (TestServer server = new TestServer(quota);
        RawClient one = server.connect();
        RawClient two = server.connect()) {
      for (RawClient client : List.of(one, two)) {
        client.send(
            "GET /client HTTP/1.1\r\nHost: localhost\r\n"
                + "X-Forwarded-For: 198.51.100.1, 192.0.2.1\r\n\r\n");
        assertThat(client.answer().body()).isEqualTo("192.0.2.1");
      }
    }
  }

  @Test
  void aTrustedProxyThatDoesNotTellIsNotTakenForWhoAsks() throws IOException {
    ConnectionQuota quota = new ConnectionQuota(100, 1, 100, LOOPBACK);
    try (TestServer server = new TestServer(quota);
        RawClient client = server.connect()) {
      client.send("GET /known HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.answer().body()).isEqualTo("nobody");
      client.send("GET /known HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n");
      assertThat(client.answer().body()).isEqualTo("192.0.2.1");
    }
  }

  @Test
  void nobodyElseSpeaksForOthers() throws IOException {
    try (TestServer server = new TestServer();
        RawClient client = server.connect()) {
      client.send(
          "GET /client HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n"
              + "Forwarded: for=192.0.2.1\r\n\r\n");
      assertThat(client.answer().body()).isEqualTo("127.0.0.1");
    }
  }

  private static String another(TestServer server, String from) throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
      socket.connect(server.address);
      socket
          .getOutputStream()
          .write(
              "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
