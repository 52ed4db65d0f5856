package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.app.demo.Demo;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A server with the demo, within the test, and what tests ask of it. */
final class DemoServer implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final Demo demo;
  private final PosthasteServer server;

  private DemoServer(Demo demo, PosthasteServer server) {
    this.demo = demo;
    this.server = server;
  }

  /** One with all in memory, on a free port. */
  static DemoServer start() {
    return start("memory", 0, Path.of("unused"), Clock.systemUTC());
  }

  /**
   * Starts one.
   *
   * @param port 0 for a free one
   * @param data where the embedded engine keeps messages
   */
  static DemoServer start(String engine, int port, Path data, Clock clock) {
    Settings settings =
        Settings.of(
                new Configuration(
                    Map.of(
                        Setting.HTTP, List.of("127.0.0.1:" + port),
                        Setting.TCP, List.of("off"),
                        Setting.ENGINE, List.of(engine),
                        Setting.DATA, List.of(data.toString())),
                    Map.of(),
                    Map.of()))
            .alsoKeeping(Demo.KEPT);
    Demo demo = new Demo(null, clock);
    return new DemoServer(demo, PosthasteServer.start(settings, demo::start));
  }

  int port() {
    return server.http().orElseThrow().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url() + path)));
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path));
    return send(
        request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  /** What is kept of a topic, oldest first. */
  List<JsonNode> messages(String topic) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        get("/v1/updates?after=0&limit=1000&topic=" + topic.replace("$", "%24"));
    assertThat(answer.statusCode()).isEqualTo(200);
    List<JsonNode> messages = new ArrayList<>();
    Json.read(answer.body()).path("messages").forEach(messages::add);
    return messages;
  }

  @Override
  public void close() {
    demo.close();
    server.close();
  }
}
