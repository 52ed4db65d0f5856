package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.testkit.NatsServers;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is connected where, on servers that share one log, one of which dies. */
final class ConnectionsInAClusterTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration GONE_WITHIN = Duration.ofSeconds(10);

  @TempDir private Path directory;

  private static InputStream reads(Child server, String who) throws Exception {
    return HTTP.send(
            HttpRequest.newBuilder(
                    URI.create(server.url() + "/v1/updates?topic=news/a&presence=hall&as=" + who))
                .header("Accept", "text/event-stream")
                .build(),
            BodyHandlers.ofInputStream())
        .body();
  }

  private static JsonNode get(Child server, String target) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + target)).build();
    return Json.read(HTTP.send(request, BodyHandlers.ofString()).body());
  }

  private static List<String> texts(JsonNode list, String field) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.path(field).asText()));
    return texts;
  }

  private static void awaitTrue(Callable<Boolean> condition) {
    await().atMost(Child.PATIENCE).until(condition);
  }

  @Test
  void eachServerTellsOfAllAndOfOneThatDiedNoMore() throws Exception {
    String all = "/v1/connections?topic=news/**";
    try (NatsServers nats = NatsServers.single();
        Child one = Child.serve(directory, "--engine", nats.urls());
        Child two = Child.serve(directory, "--engine", nats.urls());
        Child three = Child.serve(directory, "--engine", nats.urls());
        InputStream alice = reads(one, "alice");
        InputStream bob = reads(two, "bob");
        InputStream carol = reads(three, "carol")) {
      for (InputStream stream : List.of(alice, bob, carol)) {
        assertThat(stream.read()).isPositive();
      }
      for (Child server : List.of(one, two, three)) {
        awaitTrue(() -> get(server, all).path("connections").size() == 3);
        JsonNode found = get(server, all);
        assertThat(new TreeSet<>(texts(found.path("connections"), "node"))).hasSize(3);
        assertThat(found.toString()).contains("\"alice\"", "\"bob\"", "\"carol\"");
        JsonNode inspected = get(server, "/v1/topics/news/a?inspect");
        assertThat(inspected.path("readers").asInt()).isEqualTo(3);
        assertThat(inspected.path("nodes")).hasSize(3);
      }
      assertThat(pages(three)).hasSize(3);
      Cli table = Cli.run("connections", "--url", two.url(), "--topic", "news/#");
      assertThat(table.code()).isZero();
      assertThat(table.out()).contains("NODE", "sse", "news/a", "alice/", "bob/", "carol/");
      String dead = nodeOf(get(two, all), "alice");

      one.signal("KILL");
      one.awaitExit();
      long died = System.nanoTime();
      JsonNode without = get(two, all);
      assertThat(texts(without.path("silent"), "node")).containsExactly(dead);
      assertThat(texts(without.path("silent"), "why")).containsExactly("no answer within 1000 ms");
      assertThat(without.path("connections")).hasSize(2);
      assertThat(get(three, "/v1/topics/news/a?inspect").path("silent")).hasSize(1);
      Cli said = Cli.run("connections", "--url", two.url(), "--json");
      assertThat(said.out().lines()).allSatisfy(line -> assertThat(line).startsWith("{"));
      awaitTrue(() -> get(two, all).path("silent").isMissingNode());
      assertThat(System.nanoTime() - died).isLessThan(GONE_WITHIN.toNanos());
      assertThat(get(two, all).path("connections")).hasSize(2);
    }
  }

  /** Who is connected, read by pages of one. */
  private static List<String> pages(Child server) throws Exception {
    List<String> clients = new ArrayList<>();
    String after = "";
    JsonNode page;
    do {
      page = get(server, "/v1/connections?topic=news/a&limit=1" + after);
      clients.addAll(texts(page.path("connections"), "client"));
      after = "&after=" + page.path("next").asText();
    } while (page.path("more").asBoolean());
    return clients;
  }

  private static String nodeOf(JsonNode found, String who) throws IOException {
    for (JsonNode connection : found.path("connections")) {
      if (connection.toString().contains("\"" + who + "\"")) {
        return connection.path("node").asText();
      }
    }
    throw new IOException("nobody is called " + who);
  }
}
