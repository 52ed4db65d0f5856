package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.posthaste.app.PosthasteServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client shows who asks, and comes back with a new key when the server has ended the old one. */
final class WhoAsksTest {
  @TempDir static Path data;

  private static PosthasteServer server;
  private static List<String> control;

  @BeforeAll
  static void start() throws Exception {
    server =
        PosthasteServer.start(
            Map.of(
                "data", List.of(data.toString()),
                "http", List.of("127.0.0.1:0"),
                "tcp", List.of("127.0.0.1:0")));
    control = Files.readAllLines(data.resolve("control"), UTF_8);
    operate("POST", "users", "{\"id\":\"alice\"}");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource(Technique.class)
  void comesBackWithANewKey(Technique technique) throws Exception {
    String topic = "who/" + technique;
    JsonNode old = newKey();
    AtomicReference<String> key = new AtomicReference<>(old.path("secret").asText());
    Heard heard = new Heard();
    try (Posthaste client = builder(technique).token(key::get).build()) {
      client.subscribe(topic, heard);
      client.publish(topic, "1");
      assertThat(heard.next(1)).extracting(Message::text).containsExactly("1");
      key.set(newKey().path("secret").asText());
      operate("DELETE", "keys/" + old.path("key").asText(), "");
      client.publish(topic, "2");
      assertThat(heard.next(1)).extracting(Message::text).containsExactly("2");
    }
    try (Posthaste stranger = builder(technique).apiKey(old.path("secret").asText()).build()) {
      assertThatThrownBy(() -> stranger.publish(topic, "3"))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("unauthenticated");
    }
  }

  @ParameterizedTest
  @EnumSource(Technique.class)
  void aTokenThatWouldEndItsHeaderIsNotSent(Technique technique) {
    String smuggling = "ph_x\r\nX-Forwarded-For: 10.0.0.1";
    try (Posthaste client =
        builder(technique).token(() -> smuggling).requestLimit(Duration.ofSeconds(1)).build()) {
      assertThatThrownBy(() -> client.publish("who/" + technique, "1"))
          .hasStackTraceContaining("visible ASCII")
          .satisfies(e -> assertThat(e.toString()).doesNotContain("10.0.0.1"));
    }
  }

  private static PosthasteBuilder builder(Technique technique) {
    return Posthaste.builder()
        .node("http://127.0.0.1:" + server.http().orElseThrow().getPort())
        .tcpPort(server.tcp().orElseThrow().getPort())
        .techniques(technique)
        .longPollWait(Duration.ofSeconds(2))
        .shortPollInterval(Duration.ofMillis(50))
        .backoff(Duration.ofMillis(50), Duration.ofMillis(500));
  }

  private static JsonNode newKey() throws Exception {
    return operate("POST", "keys", "{\"user\":\"alice\",\"name\":\"test\"}");
  }

  private static JsonNode operate(String method, String path, String body) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(control.get(0) + "/v1/access/" + path))
                    .header("Authorization", "Bearer " + control.get(1))
                    .method(method, HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
    return new ObjectMapper().readTree(answer.body());
  }
}
