package io.posthaste.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server without a demo says at its root. */
final class FrontPageTest {
  private static final String BROWSER =
      "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final PosthasteServer server =
      PosthasteServer.start(
          Settings.of(
              new Configuration(
                  Map.of(
                      Setting.HTTP, List.of("127.0.0.1:0"),
                      Setting.TCP, List.of("off"),
                      Setting.ENGINE, List.of("memory")),
                  Map.of(),
                  Map.of())));
  private final String url = "http://127.0.0.1:" + server.http().orElseThrow().getPort();

  @AfterEach
  void end() {
    server.close();
  }

  private HttpResponse<String> get(String... headers) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + "/"));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*/* | text/plain; charset=utf-8",
        BROWSER + " | text/html; charset=utf-8",
        "application/json | application/json",
        "image/png | text/plain; charset=utf-8"
      })
  void comesInTheFormThatIsAskedFor(String accept, String type) throws Exception {
    HttpResponse<String> answer = get("Accept", accept);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains(type);
    assertThat(answer.body()).contains(url + "/v1/").doesNotContain("{url}", "{version}");
  }

  @Test
  void letsABrowserUseItsOneStyleAndNothingElse() throws Exception {
    HttpResponse<String> page = get("Accept", BROWSER);

    String style = page.body().replaceFirst("(?s).*<style>", "").replaceFirst("(?s)</style>.*", "");
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(style.getBytes(UTF_8));
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none';")
        .contains("style-src 'sha256-" + Base64.getEncoder().encodeToString(digest) + "';")
        .doesNotContain("unsafe");
    assertThat(page.body()).doesNotContain("<script", "style=");
  }

  @Test
  void itsCommandsCanBePastedAsTheyStand() throws Exception {
    List<String> lines = get().body().lines().toList();

    assertThat(run(lines, "publish")).contains("\"topic\":\"news/today\"");
    assertThat(run(lines, "latest")).isEqualTo("hello");
    assertThat(run(lines, "topics")).contains("\"topic\":\"news/today\"");
    assertThat(run(lines, "ready?")).isEqualTo("ready\n");
    assertThat(run(lines, "figures")).contains("posthaste_readers");
    Process stream = shell(lines, "wait");
    try (var events = stream.inputReader()) {
      assertThat(events.readLine()).startsWith("retry:");
    } finally {
      stream.destroy();
    }
  }

  private static Process shell(List<String> lines, String name) throws IOException {
    String line = lines.stream().map(String::strip).filter(l -> l.startsWith(name)).findAny().get();
    return new ProcessBuilder("sh", "-c", line.substring(name.length())).start();
  }

  private static String run(List<String> lines, String name) throws IOException {
    return new String(shell(lines, name).getInputStream().readAllBytes());
  }

  @Test
  void namesTheAddressThatTheClientUsedBehindAProxy() throws Exception {
    assertThat(get("X-Forwarded-Proto", "https").body())
        .contains(url.replace("http://", "https://") + "/v1/topics");
  }
}
