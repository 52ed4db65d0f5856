package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Append;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers over one log behind a balancer, restarted one after the other. */
final class RollingRestartTest {
  private static final List<Technique> TECHNIQUES =
      List.of(Technique.SSE, Technique.WS, Technique.LONG_POLL, Technique.TCP);

  @TempDir Path directory = Path.of("");
  private final HttpClient client = HttpClient.newHttpClient();
  private int published;

  private static PosthasteServer server(Log log, String drain) {
    return PosthasteServer.start(
        Settings.of(
            new Configuration(
                Map.of(
                    Setting.HTTP, List.of("127.0.0.1:0"),
                    Setting.TCP, List.of("127.0.0.1:0"),
                    Setting.DRAIN, List.of(drain)),
                Map.of(),
                Map.of())),
        log);
  }

  private void publish(Log log, int count) {
    for (int i = 0; i < count; i++) {
      log.append(
          List.of(
              Append.of(new Topic("a"), "text/plain", Payload.of("number-" + published++ + "-"))));
    }
  }

  private int ready(PosthasteServer server) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.http().orElseThrow().getPort() + "/readyz");
    return client
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static void awaitLines(Iterable<Child> readers, int count) {
    for (Child reader : readers) {
      await().atMost(Child.PATIENCE).until(() -> reader.out().size() >= count);
    }
  }

  @Test
  void readersNoticeNothingButAReconnect() throws Exception {
    Map<Technique, Child> readers = new EnumMap<>(Technique.class);
    List<PosthasteServer> servers = new ArrayList<>();
    try (Log log = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
        Balancer http = new Balancer();
        Balancer tcp = new Balancer()) {
      try {
        for (int i = 0; i < 2; i++) {
          servers.add(server(log, "500ms"));
          http.add(servers.get(i).http().orElseThrow());
          tcp.add(servers.get(i).tcp().orElseThrow());
        }
        for (Technique technique : TECHNIQUES) {
          String url =
              technique == Technique.TCP ? "tcp://" + tcp.place() : "http://" + http.place();
          readers.put(
              technique,
              Child.start(
                  directory,
                  "subscribe",
                  "a",
                  "--via",
                  technique.toString(),
                  "--after",
                  "0",
                  "--url",
                  url));
        }
        publish(log, 10);
        awaitLines(readers.values(), 10);
        for (PosthasteServer server : List.copyOf(servers)) {
          CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
          await().atMost(Child.PATIENCE).until(() -> closing.isDone() || ready(server) == 503);
          http.remove(server.http().orElseThrow());
          tcp.remove(server.tcp().orElseThrow());
          while (!closing.isDone()) {
            publish(log, 1);
            awaitLines(readers.values(), published);
          }
          closing.join();
          servers.add(server(log, "0s"));
          http.add(servers.get(servers.size() - 1).http().orElseThrow());
          tcp.add(servers.get(servers.size() - 1).tcp().orElseThrow());
        }
        publish(log, 10);
        awaitLines(readers.values(), published);
        List<String> expected =
            IntStream.range(0, published).mapToObj(i -> "number-" + i + "-").toList();
        readers.forEach(
            (technique, reader) ->
                assertThat(
                        reader.out().stream()
                            .map(line -> line.replaceFirst(".*(number-[0-9]+-).*", "$1"))
                            .toList())
                    .as(technique.toString())
                    .isEqualTo(expected));
      } finally {
        readers.values().forEach(Child::close);
        servers.forEach(PosthasteServer::close);
      }
    }
  }
}
