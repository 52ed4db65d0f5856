package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.testkit.NatsServers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./posthaste copy}, from a served directory to one that is then served. */
final class CopyCommandTest {
  @TempDir Path directory = Path.of("");
  private final HttpClient client = HttpClient.newHttpClient();

  private PosthasteServer server(String name) {
    return PosthasteServer.start(
        Settings.of(
            new Configuration(
                Map.of(
                    Setting.HTTP, List.of("127.0.0.1:0"),
                    Setting.TCP, List.of("off"),
                    Setting.DATA, List.of(directory.resolve(name).toString())),
                Map.of(),
                Map.of())));
  }

  private String ask(PosthasteServer server, String path, String... body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.http().orElseThrow().getPort() + path));
    if (body.length > 0) {
      request.POST(HttpRequest.BodyPublishers.ofString(body[0]));
    }
    return client.send(request.build(), BodyHandlers.ofString()).body();
  }

  private Cli copy(String... more) {
    String[] arguments = {
      "copy", "--from", directory.resolve("from").toString(), "--to", directory + "/to", "", ""
    };
    System.arraycopy(more, 0, arguments, 5, more.length);
    return Cli.run(List.of(arguments).subList(0, 5 + more.length).toArray(String[]::new));
  }

  @Test
  void aCopyIsServedAndOldCursorsAreAnsweredAsMissed() throws Exception {
    String cursor;
    try (PosthasteServer from = server("from")) {
      ask(from, "/v1/topics/news/a", "one");
      cursor = Json.read(ask(from, "/v1/topics/news/a", "two")).path("id").asText();
      ask(from, "/v1/topics/news/a", "three");
      Cli refused = copy();
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err()).contains("is in use by another process (expected: ");
    }
    Cli copied = copy();
    assertThat(copied.err()).isEmpty();
    assertThat(copied.code()).isZero();
    assertThat(copied.out())
        .contains("3 of 3 messages of 1 topics")
        .endsWith("the same in both: 3 messages of 1 topics, 0 consumers\n");
    assertThat(copy().code()).isZero();
    try (PosthasteServer to = server("to")) {
      String answer = ask(to, "/v1/updates?topic=news/**&after=" + cursor);
      assertThat(answer).contains("\"missed\":true", "\"one\"", "\"three\"");
    }
  }

  @Test
  void aDirectoryIsCopiedIntoACluster() throws Exception {
    String cursor;
    try (PosthasteServer from = server("from")) {
      for (int i = 0; i < 50; i++) {
        ask(from, "/v1/topics/news/" + i % 7, "number " + i);
      }
      cursor = Json.read(ask(from, "/v1/topics/news/0", "more")).path("id").asText();
      ask(from, "/v1/consumers/me", "{\"ack\":\"" + cursor + "\"}");
      ask(from, "/v1/topics/news/1", "the last");
    }
    try (NatsServers nats = NatsServers.single()) {
      String[] arguments = {"copy", "--from", directory + "/from", "--to", nats.urls()};
      Cli copied = Cli.run(arguments);
      assertThat(copied.err()).isEmpty();
      assertThat(copied.out()).endsWith("the same in both: 52 messages of 7 topics, 1 consumers\n");
      assertThat(Cli.run(arguments).code()).isZero();
      try (Child server = Child.serve(directory, "--engine", nats.urls())) {
        URI all = URI.create(server.url() + "/v1/updates?topic=news/**&after=" + cursor);
        URI mine = URI.create(server.url() + "/v1/updates?topic=news/**&consumer=me");
        assertThat(client.send(HttpRequest.newBuilder(all).build(), BodyHandlers.ofString()).body())
            .contains("\"missed\":true", "\"number 0\"", "\"the last\"");
        assertThat(
                client.send(HttpRequest.newBuilder(mine).build(), BodyHandlers.ofString()).body())
            .contains("\"the last\"")
            .doesNotContain("number", "more\"");
      }
    }
  }

  @Test
  void whatIsNotKeptIsSaid() throws Exception {
    try (PosthasteServer from = server("from")) {
      ask(from, "/v1/topics/ring/a", "one");
      ask(from, "/v1/topics/small/a", "too large");
    }
    Cli copied = copy("--keep", "ring/#=memory");
    assertThat(copied.out())
        .contains("left out: 1 messages of 1 topics that live in memory there: ring/a");
    assertThat(copied.code()).isZero();
    Cli other = copy("--keep", "other/#=count:1");
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err()).contains("another epoch than when the copy was begun (expected: ");
  }
}
