package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.testkit.NatsServers;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that share one log in NATS. */
final class ClusterTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path directory;

  @Test
  void whatIsPublishedOnOneServerIsHeardOnTheOtherAndOutlivesBoth() throws Exception {
    try (NatsServers nats = NatsServers.single()) {
      try (Child one = Child.serve(directory, "--engine", nats.urls());
          Child other = Child.serve(directory, "--engine", nats.urls())) {
        CompletableFuture<HttpResponse<String>> held =
            HTTP.sendAsync(
                get(other.url() + "/v1/updates?topic=a/b&after=0&wait=30"),
                HttpResponse.BodyHandlers.ofString());
        assertThat(publish(one, "a/b", "first")).isEqualTo(201);
        String heard = held.get().body();
        assertThat(heard).contains("\"first\"");
        String next = heard.strip().replaceFirst(".*\"next\":\"([^\"]+)\".*", "$1");
        held =
            HTTP.sendAsync(
                get(one.url() + "/v1/updates?topic=a/b&wait=30&after=" + next),
                HttpResponse.BodyHandlers.ofString());
        assertThat(publish(other, "a/b", "second")).isEqualTo(201);
        assertThat(held.get().body()).contains("\"second\"").doesNotContain("\"first\"");
      }
      try (Child third = Child.serve(directory, "--engine", nats.urls())) {
        assertThat(body(third.url() + "/v1/topics/a/b")).isEqualTo("second");
      }
    }
  }

  @Test
  void theTrialOnThePageGoesAsPrinted() throws Exception {
    List<String> commands = commands();
    assertThat(commands.get(0)).isEqualTo("nats-server -js -sd /tmp/nats &");
    assertThat(commands.get(1)).matches("for n in 1 2 3; do .* & done");
    String serve = commands.get(1).replaceFirst(".* do (.*) & done", "$1");
    try (NatsServers nats = NatsServers.single();
        Child one = printed(serve, nats);
        Child second = printed(serve, nats);
        Child third = printed(serve, nats)) {
      List<Child> servers = List.of(one, second, third);
      servers.forEach(server -> server.awaitLine("ready http="));
      Process waiting = shell(commands.get(2), servers);
      try (BufferedReader events = waiting.inputReader(StandardCharsets.UTF_8)) {
        assertThat(events.readLine()).isNotNull();
        assertThat(shell(commands.get(3), servers).waitFor()).isZero();
        String line = events.readLine();
        while (!line.contains("\"data\":\"hello\"")) {
          line = events.readLine();
        }
      } finally {
        waiting.destroy();
      }
    }
  }

  /** The page's commands, in order. */
  private static List<String> commands() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "cluster.md"));
    return Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
        .matcher(page)
        .results()
        .flatMap(block -> block.group(1).lines())
        .toList();
  }

  /** The command, but on free ports. */
  private Child printed(String command, NatsServers nats) {
    String moved =
        command
            .replace("nats://127.0.0.1:4222", nats.urls())
            .replace("127.0.0.1:808$n", "127.0.0.1:0");
    assertThat(moved).startsWith("./posthaste serve ").doesNotContain("808");
    return Child.start(directory, moved.substring("./posthaste ".length()).split(" "));
  }

  private static Process shell(String command, List<Child> servers) throws IOException {
    String moved = command;
    for (int i = 0; i < servers.size(); i++) {
      moved = moved.replace("http://127.0.0.1:808" + (i + 1), servers.get(i).url());
    }
    return new ProcessBuilder("sh", "-c", moved).start();
  }

  @Test
  void readinessIsRedWhileNatsIsAwayAndTurnsByItself() throws Exception {
    try (NatsServers nats = NatsServers.single();
        Child server = Child.serve(directory, "--engine", nats.urls())) {
      assertThat(status(server.url() + "/readyz")).isEqualTo(200);
      nats.get(0).kill();
      await()
          .atMost(Child.PATIENCE)
          .untilAsserted(
              () -> assertThat(body(server.url() + "/readyz")).contains("not connected to NATS"));
      assertThat(publish(server, "a", "x")).isEqualTo(503);
      nats.get(0).start();
      await()
          .atMost(Child.PATIENCE)
          .untilAsserted(() -> assertThat(status(server.url() + "/readyz")).isEqualTo(200));
    }
  }

  @Test
  void whoCannotReachNatsSaysSo() {
    Cli refused = Cli.run("serve", "--engine", "nats://127.0.0.1:1", "--http", "127.0.0.1:0");
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err()).contains("NATS cannot be reached at nats://127.0.0.1:1");
  }

  private static HttpRequest get(String url) {
    return HttpRequest.newBuilder(URI.create(url)).build();
  }

  private static String body(String url) throws Exception {
    return HTTP.send(get(url), HttpResponse.BodyHandlers.ofString()).body();
  }

  private static int status(String url) throws Exception {
    return HTTP.send(get(url), HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  private static int publish(Child server, String topic, String text) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + "/v1/topics/" + topic))
            .header("Content-Type", "text/plain")
            .POST(HttpRequest.BodyPublishers.ofString(text))
            .build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
  }
}
