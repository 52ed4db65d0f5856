package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.app.PrintedProxy.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every technique works through each proxy, configured as docs/proxies.md prints it. */
final class ProxiesTest {
  @TempDir Path directory = Path.of("");
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final PosthasteServer server =
      PosthasteServer.start(
          Settings.of(
              new Configuration(
                  Map.of(
                      Setting.HTTP, List.of("127.0.0.1:0"),
                      Setting.TCP, List.of("off"),
                      Setting.ENGINE, List.of("memory"),
                      Setting.ALLOW_HOST, List.of("push.example.org")),
                  Map.of(),
                  Map.of())));
  private @Nullable PrintedProxy proxy;

  @AfterEach
  void end() throws InterruptedException {
    if (proxy != null) {
      proxy.close();
    }
    server.close();
  }

  private PrintedProxy start(Kind kind, String configuration) throws IOException {
    int behind = server.http().orElseThrow().getPort();
    PrintedProxy started = PrintedProxy.start(kind, configuration, directory, behind);
    proxy = started;
    return started;
  }

  private void publish(String url, String topic, String payload)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/topics/" + topic))
            .POST(HttpRequest.BodyPublishers.ofString(payload))
            .build();
    assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(201);
  }

  @Test
  void everyTechniqueOfTheCommandLineWorksThroughIt() throws Exception {
    String url = start(Kind.NGINX, Kind.NGINX.printed()).url();
    publish(url, "a", "earlier");
    for (Technique technique : EnumSet.complementOf(EnumSet.of(Technique.TCP))) {
      String via = technique.toString();
      try (Child reader =
          Child.start(
              directory,
              "subscribe",
              "a",
              "--via",
              via,
              "--last",
              "1",
              "--interval",
              "50ms",
              "--url",
              url)) {
        await().atMost(Child.PATIENCE).until(() -> reader.out().size() == 1);
        publish(url, "a", "live by " + via);
        await().atMost(Child.PATIENCE).until(() -> reader.out().size() == 2);
        assertThat(reader.out().get(1)).contains("  live by " + via + "  (");
        assertThat(reader.err()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theForeverFrameWorksThroughIt(Kind kind) throws Exception {
    String url = start(kind, kind.printed()).url();
    HttpResponse<java.io.InputStream> frame =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(url + "/v1/updates?topic=f&format=frame&callback=got"))
                .build(),
            BodyHandlers.ofInputStream());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(frame.body(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (!line.contains("\"next\"")) {
        line = lines.readLine();
      }
      publish(url, "f", "framed");
      while (!line.contains("framed")) {
        line = lines.readLine();
      }
      assertThat(line).contains("got(");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aConditionalGetWaitsThroughIt(Kind kind) throws Exception {
    String url = start(kind, kind.printed()).url();
    publish(url, "config", "one");
    HttpResponse<String> now =
        http.send(
            HttpRequest.newBuilder(URI.create(url + "/v1/topics/config")).build(),
            BodyHandlers.ofString());
    CompletableFuture<HttpResponse<String>> next =
        http.sendAsync(
            HttpRequest.newBuilder(URI.create(url + "/v1/topics/config?wait=30"))
                .header("If-None-Match", now.headers().firstValue("ETag").orElseThrow())
                .build(),
            BodyHandlers.ofString());

    publish(url, "config", "two");

    assertThat(next.get(60, TimeUnit.SECONDS).body()).isEqualTo("two");
  }

  @ParameterizedTest
  @EnumSource
  void theDoctorFindsNothingToChange(Kind kind) throws Exception {
    Cli cli =
        Cli.run(
            "doctor", "--data", directory.toString(), "--url", start(kind, kind.printed()).url());

    assertThat(cli.out().lines().filter(line -> line.contains("arrives at once"))).hasSize(4);
  }

  @Test
  void theDoctorSeesWhatAProxyDoesWrong() throws Exception {
    String wrong =
        Kind.NGINX
            .printed()
            .replace("proxy_read_timeout 75s;", "proxy_read_timeout 1s;")
            .replace("proxy_set_header Upgrade $http_upgrade;", "");
    String url = start(Kind.NGINX, wrong).url();
    Cli cli = Cli.run("doctor", "--data", directory.toString(), "--url", url, "--patient");

    assertThat(cli.code()).isEqualTo(1);
    assertThat(cli.out())
        .contains("good   sse: a message arrives at once")
        .contains("change ws: ", "proxy_set_header Upgrade $http_upgrade")
        .contains("change silence is cut after 1.", "proxy_read_timeout 75s");
  }

  @ParameterizedTest
  @EnumSource
  void theServersNameIsKnownThroughIt(Kind kind) throws Exception {
    PrintedProxy started = start(kind, kind.printed());
    for (Map.Entry<String, String> host :
        Map.of("push.example.org", "HTTP/1.1 200", "evil.example.org", "HTTP/1.1 421").entrySet()) {
      try (Socket socket = started.connect()) {
        String request =
            "GET /v1/topics HTTP/1.1\r\nHost: " + host.getKey() + "\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).startsWith(host.getValue());
      }
    }
  }

  @Test
  void haproxyFindsTheServerReady() throws Exception {
    PrintedProxy started = start(Kind.HAPROXY, Kind.HAPROXY.printed());

    await()
        .atMost(Child.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(started.output())
                    .contains("Health check for server posthaste/one succeeded"));
  }
}
