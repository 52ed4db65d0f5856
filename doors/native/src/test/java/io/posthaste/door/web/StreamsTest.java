package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What streams look like, byte by byte; heartbeats come every 200 ms or so. */
final class StreamsTest extends NativeTest {
  private static final String SSE = "Accept: text/event-stream";
  private static final String NDJSON = "Accept: application/x-ndjson";

  @Override
  NativeOptions options() {
    NativeOptions usual = NativeOptions.DEFAULT;
    return new NativeOptions(
        usual.maxWaitMillis(),
        usual.retryMillis(),
        3_000,
        usual.frameMillis(),
        usual.readersPerSocket(),
        usual.topicsPerSocket(),
        usual.publishesPerSocket(),
        usual.publishBytesPerSocket(),
        usual.batchLines(),
        usual.publishRate());
  }

  private RawConnection open(String target, String... headers) throws IOException {
    RawConnection connection = server().connect();
    connection.get(target, headers);
    HttpConnection.Head head = connection.head();
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.headers())
        .containsEntry("cache-control", "no-store")
        .containsEntry("x-accel-buffering", "no")
        .doesNotContainKey("content-length");
    return connection;
  }

  @Test
  void anEventStream() throws IOException {
    String before = publish("a", "before");
    try (RawConnection stream = open("/v1/updates?topic=a", SSE)) {
      assertThat(stream.line()).isEqualTo("retry: 3000");
      assertThat(stream.line()).isEmpty();
      assertThat(stream.line()).isEqualTo("id: " + before);
      assertThat(stream.line()).isEmpty();
      assertThat(stream.line()).isEqualTo(":");
      assertThat(stream.line()).isEmpty();
      Answer published = post("/v1/topics/a", "one\ntwo\rthree</script>");
      String line = stream.line();
      while (":".equals(line) || "".equals(line)) {
        line = stream.line();
      }
      assertThat(line).isEqualTo("id: " + published.text("id"));
      assertThat(stream.line())
          .isEqualTo(
              "data: {\"topic\":\"a\",\"id\":\""
                  + published.text("id")
                  + "\",\"at\":\""
                  + published.text("at")
                  + "\",\"data\":\"one\\ntwo\\rthree</script>\"}");
      assertThat(stream.line()).isEmpty();
    }
  }

  @Test
  void anEventStreamTellsAQuietReaderHowFarItHasHeard() throws IOException {
    try (RawConnection stream = open("/v1/updates?topic=a", SSE)) {
      publish("b", "elsewhere");
      String id = publish("b", "again");
      String line = stream.line();
      while (!("id: " + id).equals(line)) {
        line = stream.line();
      }
      assertThat(stream.line()).isEmpty();
    }
  }

  @Test
  void anEventStreamSaysWhatWasMissed() throws IOException {
    String first = publish("few/a", "0");
    for (int i = 1; i < 6; i++) {
      publish("few/a", "" + i);
    }
    String oldest = get("/v1/topics/few/a?inspect").text("oldest");
    try (RawConnection stream = open("/v1/updates?topic=few/a&after=" + first, SSE)) {
      String line = stream.line();
      while (line != null && !line.startsWith("event")) {
        line = stream.line();
      }
      assertThat(line).isEqualTo("event: missed");
      assertThat(stream.line())
          .isEqualTo(
              "data: {\"missed\":true,\"gaps\":[{\"topic\":\"few/a\",\"from\":\""
                  + oldest
                  + "\"}]}");
      assertThat(stream.line()).isEmpty();
      assertThat(stream.line()).isEqualTo("id: " + oldest);
    }
  }

  @Test
  void anEventStreamThatIsEndedSaysWhenToComeBack() throws IOException {
    String id = publish("a", "1");
    try (RawConnection stream = open("/v1/updates?topic=a", SSE)) {
      stream.line();
      stream.line();
      stream.line();
      stream.line();
      server().shutdown();
      String rest = stream.text();
      assertThat(rest).matches("(?s)(:\n\n)*retry: \\d+\nid: " + id + "\n\n");
    }
  }

  @Test
  void ndjson() throws IOException {
    String before = publish("a", "before");
    try (RawConnection stream = open("/v1/updates?topic=a", NDJSON)) {
      String place = "{\"next\":\"" + before + "\"}";
      assertThat(stream.line()).isEqualTo(place);
      assertThat(stream.line()).isEqualTo(place);
      post("/v1/topics/a", "{\n\"a\":\r\n1}", "Content-Type: application/json");
      String line = stream.line();
      while (place.equals(line)) {
        line = stream.line();
      }
      assertThat(line).endsWith("\"data\":{ \"a\":  1}}");
      server().shutdown();
      assertThat(stream.text()).startsWith("{\"next\":\"");
    }
  }

  @Test
  void aForeverFrame() throws IOException {
    try (RawConnection stream =
        open("/v1/updates?topic=a/**&topic=%24x&format=frame&callback=a.b_9")) {
      assertThat(stream.line())
          .startsWith("<!doctype html>")
          .endsWith("-->")
          .hasSizeGreaterThan(2_048);
      assertThat(stream.line())
          .matches("<script>a\\.b_9\\(\\{\"next\":\"[-0-9a-z.]+\"}\\)</script>");
      post("/v1/topics/a/<", "</script>\u2028");
      String line = stream.line();
      while (line != null && line.contains("({\"next\"") && !line.contains("topic")) {
        line = stream.line();
      }
      assertThat(line)
          .contains("\"topic\":\"a/\\u003c\"")
          .endsWith("\"data\":\"\\u003c/script>\\u2028\"})</script>");
    }
  }

  @Test
  void aForeverFrameMayRunItsScriptsAndStandInOurOwnPagesOnly() throws IOException {
    try (RawConnection stream = server().connect()) {
      stream.request("GET", "/v1/updates?topic=a&format=frame&callback=f", new byte[0]);
      assertThat(stream.head().headers().get("content-security-policy"))
          .startsWith("default-src 'none'; script-src 'unsafe-inline';")
          .endsWith("frame-ancestors 'self'");
    }
  }

  @Test
  void aForeverFrameThatHasGrownLoadsItselfAnew() throws IOException {
    try (RawConnection stream =
        open("/v1/updates?topic=a/**&topic=b%22%3C&only=latest&format=frame&callback=f")) {
      stream.line();
      stream.line();
      String id = publish("a", "x".repeat(5_000));
      String rest = stream.text();
      assertThat(rest)
          .endsWith(
              "<script>setTimeout(function(){location.replace(\"?format=frame&callback=f"
                  + "&topic=a%2F%23&topic=b%22%3C&only=latest&after="
                  + id
                  + "\")},0)</script>\n");
    }
  }

  @Test
  void payloadsThatAreAwkwardArriveWholeByEveryTechnique() throws Exception {
    byte[] large = new byte[1 << 20];
    java.util.Arrays.fill(large, (byte) 'x');
    byte[][] payloads = {
      "a\r\nb\n\nc\rd".getBytes(UTF_8),
      "</script><!--\u2028\u2029".getBytes(UTF_8),
      {},
      large,
      {0, 1, 2, 31, 127},
      "data: x\n\nid: 9\n\n".getBytes(UTF_8),
      "é€😀".getBytes(UTF_8)
    };
    for (Map.Entry<String, Clients.Opener> technique : Clients.ALL.entrySet()) {
      try (var client =
          technique.getValue().open(server().address, io.posthaste.testkit.Want.of("a"))) {
        for (byte[] payload : payloads) {
          call("POST", "/v1/topics/a", payload, "Content-Type: text/plain");
          var seen = client.next(java.time.Duration.ofSeconds(20));
          while (seen.kind() == io.posthaste.testkit.Seen.Kind.PLACE) {
            seen = client.next(java.time.Duration.ofSeconds(20));
          }
          assertThat(seen.text())
              .describedAs(technique.getKey())
              .isEqualTo(new String(payload, UTF_8));
        }
      }
    }
  }
}
