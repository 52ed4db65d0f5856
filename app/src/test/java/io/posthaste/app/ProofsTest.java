package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.door.tcp.TcpClient;
import io.posthaste.testkit.TestAuthority;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ways to prove who one is beside a header, and what is granted beside topics. */
@Timeout(60)
final class ProofsTest {
  @TempDir private Path directory = Path.of("");

  @Test
  void aCertificateIsItsOwner() throws Exception {
    TestAuthority authority = new TestAuthority();
    authority.write(directory.resolve("ca.crt"));
    authority.issue("server").write(directory.resolve("s.crt"), directory.resolve("s.key"));
    Path data = directory.resolve("data");
    try (GuardedServer before = new GuardedServer(data)) {
      before.user("root", "correct horse");
      before.user("sensor-7", null);
      before.grant("sensor-7", "publish", "readings/{id}");
    }
    Map<String, List<String>> settings =
        Map.of(
            "data", List.of(data.toString()),
            "http", List.of("127.0.0.1:0"),
            "tcp", List.of("off"),
            "tls-cert", List.of(directory.resolve("s.crt").toString()),
            "tls-key", List.of(directory.resolve("s.key").toString()),
            "tls-client-ca", List.of(directory.resolve("ca.crt").toString()),
            "tls-client-auth", List.of("want"));
    try (PosthasteServer server = PosthasteServer.start(settings)) {
      String url = "https://127.0.0.1:" + server.http().orElseThrow().getPort() + "/v1/topics/";

      assertThat(publish(url + "readings/sensor-7", authority, "sensor-7")).isEqualTo(201);
      assertThat(publish(url + "readings/sensor-8", authority, "sensor-7")).isEqualTo(403);
      assertThat(publish(url + "readings/sensor-7", authority, "sensor-8")).isEqualTo(403);
      assertThat(publish(url + "readings/sensor-7", authority, null)).isEqualTo(401);
    }
  }

  /** The status that a publication by whoever has such a certificate is answered with. */
  private static int publish(String url, TestAuthority authority, @Nullable String name)
      throws Exception {
    HttpClient client =
        HttpClient.newBuilder()
            .sslContext(name == null ? authority.client() : authority.client(authority.issue(name)))
            .build();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofString("21.5"))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  @Test
  void aWebSocketSaysWhoItIsInItsFirstFrame() throws Exception {
    try (GuardedServer server = new GuardedServer(directory)) {
      server.user("root", "correct horse");
      server.user("alice", null);
      server.grant("alice", "read", "a/#");
      String key = server.keyText("alice");
      BlockingQueue<String> said = new LinkedBlockingQueue<>();
      WebSocket socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .buildAsync(URI.create(server.url.replace("http", "ws") + "/v1/updates"), into(said))
              .get(20, TimeUnit.SECONDS);
      try {
        assertThat(ask(socket, said, "{\"op\":\"subscribe\",\"topic\":\"a/1\",\"ref\":1}"))
            .contains("\"op\":\"error\"", "unauthenticated");
        assertThat(ask(socket, said, "{\"op\":\"auth\",\"token\":\"ph_no_such\",\"ref\":2}"))
            .contains("\"op\":\"error\"", "unauthenticated");
        assertThat(ask(socket, said, "{\"op\":\"auth\",\"token\":\"" + key + "\",\"ref\":3}"))
            .contains("\"op\":\"done\"");
        assertThat(ask(socket, said, "{\"op\":\"subscribe\",\"topic\":\"a/1\",\"ref\":4}"))
            .contains("\"op\":\"done\"");
        assertThat(ask(socket, said, "{\"op\":\"subscribe\",\"topic\":\"b\",\"ref\":5}"))
            .contains("\"op\":\"error\"", "forbidden");
      } finally {
        socket.abort();
      }
    }
  }

  private static WebSocket.Listener into(BlockingQueue<String> said) {
    return new WebSocket.Listener() {
      private final StringBuilder parts = new StringBuilder();

      @Override
      public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        parts.append(data);
        if (last) {
          said.add(parts.toString());
          parts.setLength(0);
        }
        from.request(1);
        return null;
      }
    };
  }

  private static String ask(WebSocket socket, BlockingQueue<String> said, String frame)
      throws Exception {
    socket.sendText(frame, true).get(20, TimeUnit.SECONDS);
    return String.valueOf(said.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void metricsAndPresenceAreGrantedLikeTopics() {
    try (GuardedServer server = new GuardedServer(directory)) {
      server.user("root", "correct horse");
      server.user("alice", null);
      server.grant("alice", "read", "room");
      String alice = server.key("alice");
      String asAlice = "/v1/updates?topic=room&presence=room&as=alice";
      assertThat(server.get("/metrics", null).status()).isEqualTo(401);
      assertThat(server.get("/metrics", alice).status()).isEqualTo(403);
      assertThat(server.get(asAlice, alice).status()).isEqualTo(403);

      server.grant("alice", "read", "$metrics");
      server.grant("alice", "publish", "$presence/room/{id}/#");

      assertThat(server.get("/metrics", alice).status()).isEqualTo(200);
      assertThat(server.get(asAlice, alice).status()).isEqualTo(200);
      assertThat(server.get("/v1/updates?topic=room&presence=room&as=bob", alice).status())
          .isEqualTo(403);
    }
  }

  @Test
  void whoLosesTheRightToBeSomewhereIsThereNoMore() throws Exception {
    try (GuardedServer server = new GuardedServer(directory)) {
      server.user("root", null);
      server.user("alice", null);
      server.grant("alice", "read", "room");
      server.grant("alice", "publish", "$presence/room/{id}/#");
      String key = server.key("alice");
      String there = server.url + "/v1/updates?topic=room&presence=room&as=alice&device=";
      Wire.Asked stream =
          server.wire.get(
              URI.create(there + "stream"),
              Map.of("Authorization", key, "Accept", "text/event-stream"));
      Wire.Asked poll =
          server.wire.get(URI.create(there + "poll&wait=60"), Map.of("Authorization", key));
      BlockingQueue<String> said = new LinkedBlockingQueue<>();
      WebSocket socket =
          server
              .http
              .newWebSocketBuilder()
              .header("Authorization", key)
              .buildAsync(URI.create(server.url.replace("http", "ws") + "/v1/updates"), into(said))
              .get(20, TimeUnit.SECONDS);
      String join =
          "{\"op\":\"join\",\"presence\":\"room\",\"as\":\"alice\",\"device\":\"socket\",\"ref\":1}";
      assertThat(ask(socket, said, join)).contains("\"op\":\"done\"");
      try (TcpClient tcp =
          TcpClient.connect(server.server.tcp().orElseThrow(), server.tcp.withAuthorization(key))
              .get(20, TimeUnit.SECONDS)) {
        tcp.join("room", "alice", "tcp").get(20, TimeUnit.SECONDS);
        awaitPresences(server, 200);

        server.revoke("alice", "publish", "$presence/room/{id}/#");

        awaitPresences(server, 404);
        assertThat(said.poll(20, TimeUnit.SECONDS))
            .contains("\"op\":\"error\"", "\"ref\":1", "forbidden");
        assertThat(poll.answer().get(20, TimeUnit.SECONDS).status()).isEqualTo(403);
        stream.answer().get(20, TimeUnit.SECONDS).body().readAllBytes(); // which comes to an end
        assertThat(ask(socket, said, "{\"op\":\"subscribe\",\"topic\":\"room\",\"ref\":2}"))
            .contains("\"op\":\"done\"");
      } finally {
        socket.abort();
        poll.leaving().run();
        stream.leaving().run();
      }
    }
  }

  private static void awaitPresences(GuardedServer server, int status) {
    for (String device : List.of("stream", "poll", "socket", "tcp")) {
      await("presence by " + device)
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  server.get("/v1/topics/$presence/room/alice/" + device, server.operator).status()
                      == status);
    }
  }
}
