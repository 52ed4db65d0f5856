package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.app.PosthasteServer;
import io.posthaste.testkit.TestAuthority;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** By TLS, believing what the application's own settings of the HTTP client say. */
final class HttpsTest {
  private final TestAuthority authority = new TestAuthority();

  @TempDir private Path directory = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private PosthasteServer server;

  @BeforeEach
  void start() throws IOException {
    Path certificate = directory.resolve("server.crt");
    Path key = directory.resolve("server.key");
    authority.issue("server").write(certificate, key);
    server =
        PosthasteServer.start(
            Map.of(
                "http", List.of("127.0.0.1:0"),
                "tcp", List.of("off"),
                "engine", List.of("memory"),
                "tls-cert", List.of(certificate.toString()),
                "tls-key", List.of(key.toString())));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private PosthasteBuilder builder() {
    return Posthaste.builder().node("https://localhost:" + server.http().orElseThrow().getPort());
  }

  @ParameterizedTest
  @EnumSource(
      value = Technique.class,
      names = {"WEBSOCKET", "SSE", "LONG_POLL", "SHORT_POLL"})
  void hearsWhatItPublishes(Technique technique) {
    try (Posthaste client =
        builder().techniques(technique).http(http -> http.sslContext(authority.client())).build()) {
      Heard heard = new Heard();
      client.subscribe("a", heard);
      client.publish("a", "by TLS");
      assertThat(heard.next(1)).extracting(Message::text).containsExactly("by TLS");
    }
  }

  @Test
  void believesNobodyByItself() {
    try (Posthaste client = builder().build()) {
      assertThatThrownBy(() -> client.publish("a", "not sent"))
          .isInstanceOf(UnreachableException.class)
          .hasStackTraceContaining("PKIX path building failed");
    }
  }
}
