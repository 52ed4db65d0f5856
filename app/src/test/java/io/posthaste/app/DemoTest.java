package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code posthaste demo} as a process. */
final class DemoTest {
  private static final int LONGEST_LINE = 4_096; // that is published whole, in characters

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();

  private Child demo(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "demo",
                "--http",
                "127.0.0.1:0",
                "--tcp",
                "127.0.0.1:0",
                "--engine",
                "memory",
                "--no-open"));
    arguments.addAll(List.of(more));
    Child demo = Child.start(directory, arguments.toArray(String[]::new));
    demo.awaitLine("ready http=");
    return demo;
  }

  @Test
  void printsWhereThePageIsAndServesIt() throws Exception {
    try (Child demo = demo()) {
      String page = demo.awaitLine("  http://").strip();

      assertThat(page).isEqualTo(demo.url() + "/demo/");
      HttpResponse<String> answer = get(page);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("script-src 'self'");
      for (String path : List.of("/", "/demo")) {
        HttpResponse<String> elsewhere = get(demo.url() + path);
        assertThat(elsewhere.statusCode()).as(path).isEqualTo(302);
        assertThat(elsewhere.headers().firstValue("Location")).as(path).contains("/demo/");
      }
    }
  }

  @Test
  void publishesWhatIsPipedInAndWhatTheMachineDoes() throws Exception {
    try (Child demo = demo()) {
      demo.type("first\n\n" + "x".repeat(5_000) + "\n第三\n");
      demo.endOfInput();

      await().atMost(Child.PATIENCE).until(() -> messages(demo, "demo/piped").size() == 3);
      List<JsonNode> piped = messages(demo, "demo/piped");
      assertThat(piped)
          .extracting(message -> message.path("data").path("text").asText())
          .containsExactly("first", "x".repeat(LONGEST_LINE) + "…", "第三");
      assertThat(piped)
          .extracting(message -> message.path("data").path("n").asInt())
          .containsExactly(1, 2, 3);
      await().atMost(Child.PATIENCE).until(() -> messages(demo, "demo/machine").size() > 1);
      JsonNode reading = messages(demo, "demo/machine").get(1).path("data");
      assertThat(reading.path("memory").asInt(-1)).isBetween(0, 100);
      long ageMicros = nowMicros() - reading.path("sent").asLong();
      assertThat(ageMicros).isBetween(0L, TimeUnit.SECONDS.toMicros(60));
    }
  }

  @Test
  void tellsItsClock() throws Exception {
    try (Child demo = demo()) {
      long before = nowMicros();
      long told = Json.read(get(demo.url() + "/demo/clock").body()).path("micros").asLong();

      assertThat(told).isBetween(before, nowMicros());
    }
  }

  @Test
  void refusesARateThatIsNone() throws Exception {
    try (Child demo = demo()) {
      for (String query : List.of("", "?rate=", "?rate=-1", "?rate=201", "?rate=1&rate=2")) {
        HttpResponse<String> answer = post(demo.url() + "/demo/burst" + query);

        assertThat(answer.statusCode()).as(query).isEqualTo(400);
        assertThat(answer.body()).as(query).contains("expected: one, from 0 to 200 a second");
      }
      assertThat(post(demo.url() + "/demo/burst?rate=0").statusCode()).isEqualTo(204);
    }
  }

  @Test
  void burstNobodyWishesForAnyMoreEnds() throws Exception {
    try (Child demo = demo()) {
      post(demo.url() + "/demo/burst?rate=50");

      await()
          .atMost(Child.PATIENCE)
          .pollInterval(1, TimeUnit.SECONDS)
          .until(
              () -> {
                int before = messages(demo, "demo/burst").size();
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
                await().until(() -> System.nanoTime() > until);
                return before > 0 && messages(demo, "demo/burst").size() == before;
              });
    }
  }

  @Test
  void endsInOrderWhenToldTo() throws Exception {
    try (Child demo = demo()) {
      demo.signal("TERM");

      assertThat(demo.awaitExit()).isZero();
      assertThat(demo.err()).noneMatch(line -> line.contains("WARN") || line.contains("ERROR"));
    }
  }

  @Test
  void needsAPlaceForItsPage() {
    Cli refused = Cli.run("demo", "--http", "off");

    assertThat(refused.code()).isNotZero();
    assertThat(refused.err()).contains("--http off: the demo is a page (expected: HOST:PORT)");
  }

  private List<JsonNode> messages(Child demo, String topic) throws Exception {
    List<JsonNode> messages = new ArrayList<>();
    String updates = demo.url() + "/v1/updates?limit=1000&after=0&topic=" + topic;
    Json.read(get(updates).body()).path("messages").forEach(messages::add);
    return messages;
  }

  private static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  private HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String url) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).POST(BodyPublishers.noBody()).build();
    return http.send(request, BodyHandlers.ofString());
  }
}
