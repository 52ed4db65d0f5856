package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Health, metrics and pages. */
class HealthTest {
  private volatile Optional<String> obstacle = Optional.of("not ready yet");
  private TestServer server;
  private RawClient client;

  @BeforeEach
  void start() throws IOException {
    server =
        new TestServer(
            HttpLimits.DEFAULT,
            AllowedSites.OWN,
            loops -> {
              Metrics metrics = new Metrics(loops.traffic());
              metrics.gauge("posthaste_readers", "Readers", () -> 42);
              List<Route> routes =
                  new ArrayList<>(new Health(loops, () -> obstacle, metrics).routes());
              routes.add(
                  new Pages(
                          HealthTest.class.getClassLoader(),
                          ForkJoinPool.commonPool(),
                          "/",
                          "pages/",
                          false)
                      .route());
              return routes;
            });
    client = server.connect();
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
  }

  @Test
  void livesBeforeItIsReady() throws IOException {
    assertThat(client.get("/healthz").answer().status()).isEqualTo(200);
    RawClient.Answer unready = client.get("/readyz").answer();
    assertThat(unready.status()).isEqualTo(503);
    assertThat(unready.body()).contains("\"detail\":\"not ready yet\"");
    obstacle = Optional.empty();
    assertThat(client.get("/readyz").answer().status()).isEqualTo(200);
  }

  @Test
  void answersProbesByAnyHostButShowsMetricsToItsOwnOnly() throws IOException {
    String probe = "GET %s HTTP/1.1\r\nHost: other\r\n\r\n";
    assertThat(client.send(probe.formatted("/healthz")).answer().status()).isEqualTo(200);
    assertThat(client.send(probe.formatted("/metrics")).answer().status()).isEqualTo(421);
  }

  @Test
  void showsFigures() throws IOException {
    client.get("/nowhere.html").answer();
    String metrics = client.get("/metrics").answer().body();
    assertThat(metrics)
        .contains("posthaste_connections{kind=\"other\"} 1.0")
        .contains("posthaste_connections{kind=\"held\"} 0.0")
        .contains("posthaste_connections_accepted_total 1.0")
        .contains("posthaste_http_answers_total{status=\"4xx\"} 1.0")
        .contains("posthaste_sent_bytes_total ")
        .contains("posthaste_received_bytes_total ")
        .contains("posthaste_connections_cut_total{reason=\"stalled\"} 0.0")
        .contains("posthaste_direct_memory_bytes ")
        .contains("posthaste_readers 42.0");
  }

  @Test
  void servesPagesThatMayBeKept() throws IOException {
    RawClient.Answer page = client.get("/").answer();
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.body()).contains("<title>t</title>");
    assertThat(page.headers())
        .containsEntry("Content-Type", "text/html; charset=utf-8")
        .containsEntry("X-Content-Type-Options", "nosniff")
        .containsEntry("Cache-Control", "no-cache");
    assertThat(page.headers().get("Content-Security-Policy"))
        .contains("script-src 'self'")
        .contains("style-src 'self';")
        .contains("frame-ancestors 'self'")
        .doesNotContain("unsafe");
    RawClient.Answer again =
        client
            .send(
                "GET /index.html HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: "
                    + page.headers().get("ETag")
                    + "\r\n\r\n")
            .answer();
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.headers()).doesNotContainKey("Content-Length");
    assertThat(client.get("/").answer().status()).isEqualTo(200);
  }

  @Test
  void servesNothingElse() throws IOException {
    for (String path :
        List.of(
            "/.hidden.txt",
            "/nothing.txt",
            "/..%2Fjunit-platform.properties",
            "/%2e%2e%2fMETA-INF/x.txt",
            "/a%00.html",
            "/index.class",
            "//index.html")) {
      assertThat(client.get(path).answer().status()).as(path).isEqualTo(404);
    }
  }
}
