package io.posthaste.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nobody takes all connections, and whoever runs the server gets in all the same. */
@Timeout(120)
final class ConnectionsPerIdentityTest {
  @TempDir private Path data;

  @Test
  void whoHasAsManyAsHeMayIsRefusedByEveryDoorUntilOneEnds() throws Exception {
    try (GuardedServer server =
        new GuardedServer(data, Map.of("connections-per-identity", List.of("2")))) {
      server.user("root", null);
      for (String id : List.of("alice", "bob")) {
        server.user(id, null);
        server.grant(id, "read", "a");
      }
      server.grant("anonymous", "read", "open");
      String alice = server.key("alice");

      Doors.Knock first = Doors.EVENTS.knock(server, alice, "a");
      Doors.Knock second = Doors.TCP.knock(server, alice, "a");
      assertThat(List.of(first.answer(), second.answer())).containsExactly("open", "open");

      assertThat(Doors.SHORT_POLL.knock(server, alice, "a").answer()).isEqualTo("429 rateLimited");
      assertThat(Doors.LINES.knock(server, alice, "a").answer()).isEqualTo("429 rateLimited");
      assertThat(Doors.WEB_SOCKET.knock(server, alice, "a").answer()).startsWith("429");
      assertThat(Doors.TCP.knock(server, alice, "a").answer()).isEqualTo("rateLimited");
      assertThat(authenticated(server, alice)).contains("\"code\":\"rateLimited\"");
      assertThat(server.get("/metrics", server.operator).body())
          .contains("posthaste_refused_total{limit=\"connections-per-identity\"} 5.0");
      try (Doors.Knock bobs = Doors.EVENTS.knock(server, server.key("bob"), "a")) {
        assertThat(bobs.answer()).isEqualTo("open");
      }
      assertThat(first.end()).isNotDone();
      assertThat(second.end()).isNotDone();

      second.close();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> Doors.SHORT_POLL.knock(server, alice, "a").answer().equals("open"));
      first.close();
    }
  }

  /** What a WebSocket that was opened by nobody in particular is told when it says who it is. */
  private static String authenticated(GuardedServer server, String key) throws Exception {
    CompletableFuture<String> told = new CompletableFuture<>();
    WebSocket socket =
        server
            .http
            .newWebSocketBuilder()
            .buildAsync(
                URI.create(server.url.replaceFirst("http", "ws") + "/v1/updates"),
                new WebSocket.Listener() {
                  @Override
                  public @Nullable CompletionStage<?> onText(
                      WebSocket from, CharSequence text, boolean last) {
                    told.complete(text.toString());
                    return null;
                  }
                })
            .get(30, TimeUnit.SECONDS);
    try {
      String token = key.substring("Bearer ".length());
      socket.sendText("{\"op\":\"auth\",\"token\":\"" + token + "\"}", true);
      return told.get(30, TimeUnit.SECONDS);
    } finally {
      socket.abort();
    }
  }

  @Test
  void whoRunsTheServerGetsInWhereAllConnectionsAreTaken() throws Exception {
    Map<String, List<String>> settings =
        Map.of(
            "data", List.of(data.toString()),
            "http", List.of("127.0.0.1:0"),
            "tcp", List.of("off"),
            "connections", List.of("3"),
            "connections-per-address", List.of("none"));
    List<Socket> all = new ArrayList<>();
    try (PosthasteServer server = PosthasteServer.start(settings)) {
      InetSocketAddress http = server.http().orElseThrow();
      for (int i = 0; i < 3; i++) {
        Socket one = new Socket(InetAddress.getLoopbackAddress(), http.getPort());
        all.add(one);
        one.getOutputStream()
            .write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
        assertThat(one.getInputStream().read()).isEqualTo('H'); // it is counted
      }
      Cli refused = Cli.run("topics", "--url", "http://127.0.0.1:" + http.getPort());
      assertThat(refused.err()).contains("as many as there may be");

      Cli added = Cli.run("user", "add", "alice", "--no-password", "--data", data.toString());
      assertThat(added).extracting(Cli::code, Cli::err).containsExactly(0, "");
      assertThat(Cli.run("audit", "--data", data.toString()).out()).contains("user.add");
    } finally {
      for (Socket one : all) {
        close(one);
      }
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
