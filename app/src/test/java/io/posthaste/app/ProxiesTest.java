package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every technique works through nginx, configured as docs/operations.md prints it. */
final class NginxTest {
  private static final Path PAGE = Path.of("..", "docs", "operations.md");

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
  private Process nginx = new ProcessBuilder("true").start();
  private int port;

  NginxTest() throws IOException {}

  @AfterEach
  void end() throws InterruptedException {
    nginx.destroy();
    assertThat(nginx.waitFor(20, TimeUnit.SECONDS)).isTrue();
    server.close();
  }

  private static String printed() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf("```nginx\n") + "```nginx\n".length();
    return page.substring(begin, page.indexOf("```", begin));
  }

  /** Starts an nginx of our own with this in its http block. */
  private String start(String configuration) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    int behind = server.http().orElseThrow().getPort();
    assertThat(configuration).contains("listen 80;", "server 127.0.0.1:8080;");
    String moved =
        configuration
            .replace("listen 80;", "listen 127.0.0.1:" + port + ";")
            .replace("server 127.0.0.1:8080;", "server 127.0.0.1:" + behind + ";");
    Path file =
        Files.writeString(
            directory.resolve("nginx.conf"),
            """
            daemon off;
            master_process off;
            pid %1$s/nginx.pid;
            error_log %1$s/error.log;
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi;
              uwsgi_temp_path %1$s/uwsgi;
              scgi_temp_path %1$s/scgi;
              %2$s
            }
            """
                .formatted(directory, moved));
    String binary = Files.exists(Path.of("/usr/sbin/nginx")) ? "/usr/sbin/nginx" : "nginx";
    nginx =
        new ProcessBuilder(
                binary,
                "-p",
                directory.toString(),
                "-e",
                directory.resolve("error.log").toString(),
                "-c",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("nginx.out").toFile())
            .start();
    await().atMost(Child.PATIENCE).until(this::listens);
    return "http://127.0.0.1:" + port;
  }

  private boolean listens() throws IOException {
    assertThat(nginx.isAlive()).as(Files.readString(directory.resolve("nginx.out"))).isTrue();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
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
    String url = start(printed());
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

  @Test
  void theForeverFrameWorksThroughIt() throws Exception {
    String url = start(printed());
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

  @Test
  void aConditionalGetWaitsThroughIt() throws Exception {
    String url = start(printed());
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

  @Test
  void theDoctorFindsNothingToChange() throws Exception {
    Cli cli = Cli.run("doctor", "--data", directory.toString(), "--url", start(printed()));

    assertThat(cli.out().lines().filter(line -> line.contains("arrives at once"))).hasSize(4);
  }

  @Test
  void theDoctorSeesWhatAProxyDoesWrong() throws Exception {
    String wrong =
        printed()
            .replace("proxy_read_timeout 75s;", "proxy_read_timeout 1s;")
            .replace("proxy_set_header Upgrade $http_upgrade;", "");
    String url = start(wrong);
    Cli cli = Cli.run("doctor", "--data", directory.toString(), "--url", url, "--patient");

    assertThat(cli.code()).isEqualTo(1);
    assertThat(cli.out())
        .contains("good   sse: a message arrives at once")
        .contains("change ws: ", "proxy_set_header Upgrade $http_upgrade")
        .contains("change silence is cut after 1.", "proxy_read_timeout 75s");
  }

  @Test
  void theServersNameIsKnownThroughIt() throws Exception {
    start(printed());
    for (Map.Entry<String, String> host :
        Map.of("push.example.org", "HTTP/1.1 200", "evil.example.org", "HTTP/1.1 421").entrySet()) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        String request =
            "GET /v1/topics HTTP/1.1\r\nHost: " + host.getKey() + "\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).startsWith(host.getValue());
      }
    }
  }
}
