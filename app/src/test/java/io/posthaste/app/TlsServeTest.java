package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.testkit.TestAuthority;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS and HTTP/2 as an operator sets them up, and as curl, our commands and a browser use them. */
final class TlsServeTest {
  @TempDir private Path directory = Path.of("");

  private Path file(String name) {
    return directory.resolve(name);
  }

  /** A server within the test whose certificate an authority has signed. */
  private PosthasteServer serve(TestAuthority authority) throws Exception {
    authority.write(file("ca.crt"));
    authority.issue("server").write(file("server.crt"), file("server.key"));
    return PosthasteServer.start(
        Map.of(
            "http", List.of("127.0.0.1:0"),
            "tcp", List.of("127.0.0.1:0"),
            "engine", List.of("memory"),
            "tls-cert", List.of(file("server.crt").toString()),
            "tls-key", List.of(file("server.key").toString())));
  }

  private static String https(PosthasteServer server) {
    return "https://127.0.0.1:" + server.http().orElseThrow().getPort();
  }

  private static String curl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "20"));
    command.addAll(List.of(arguments));
    Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
    curl.getOutputStream().close();
    String output = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(curl.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  @Test
  void isTriedOutWithACertificateOfItsOwn() throws Exception {
    try (Child server = Child.serve(directory, "--tls-self-signed", "--hints")) {
      assertThat(server.out().get(0)).matches("tls fingerprint=([0-9A-F]{2}:){31}.. expires=.*");
      String url = server.url().replace("http:", "https:");
      String version = "%{http_version}";

      assertThat(curl("-k", "-d", "hello", "-o", "/dev/null", "-w", version, url + "/v1/topics/a"))
          .isEqualTo("2");
      assertThat(curl("-k", "--http1.1", url + "/v1/topics/a")).isEqualTo("hello");
      assertThat(curl(url + "/v1/topics/a")).contains("self-signed certificate");
      assertThat(curl(server.url() + "/v1/topics/a")).contains("this port speaks HTTPS");
      assertThat(curl("-k", url + "/metrics"))
          .contains("posthaste_tls_handshakes_total{result=\"done\"}")
          .contains("posthaste_tls_certificate_expiry_seconds");
      assertThat(server.out()).anyMatch(line -> line.contains("curl -k https://"));
      assertThat(curl("-k", url + "/")).contains(url + "/v1/");

      Path backup = directory.resolve("backup");
      Cli cli =
          Cli.run(
              "backup",
              backup.toString(),
              "--data",
              directory.resolve("posthaste-data").toString());
      assertThat(cli.err()).isEmpty();
      assertThat(backup).isNotEmptyDirectory();
    }
  }

  @Test
  void itsCommandsBelieveWhomTheyAreTold() throws Exception {
    try (PosthasteServer server = serve(new TestAuthority())) {
      Path payload = Files.writeString(file("payload"), "by TLS");
      String url = https(server);
      String authority = file("ca.crt").toString();

      Cli unbelieved = Cli.run("topics", "--url", url);
      assertThat(unbelieved.code()).isEqualTo(1);
      assertThat(unbelieved.err()).contains("--cacert FILE, or try with -k");
      Cli published =
          Cli.run("publish", "a", payload.toString(), "--url", url, "--cacert", authority);
      assertThat(published.err()).isEmpty();
      String tcps = "tcps://127.0.0.1:" + server.tcp().orElseThrow().getPort();
      for (String via : List.of("sse", "ws", "long-poll")) {
        assertThat(
                Cli.run(
                        "subscribe",
                        "a",
                        "--last",
                        "1",
                        "--count",
                        "1",
                        "--via",
                        via,
                        "--url",
                        url,
                        "-k")
                    .out())
            .contains("by TLS");
      }
      assertThat(
              Cli.run(
                      "subscribe",
                      "a",
                      "--last",
                      "1",
                      "--count",
                      "1",
                      "--via",
                      "tcp",
                      "--url",
                      tcps,
                      "--cacert",
                      authority)
                  .out())
          .contains("by TLS");
    }
  }

  @Test
  void aBrowserHasMoreThanSixStreamsAtOnce() throws Exception {
    try (PosthasteServer server = serve(new TestAuthority());
        Chromium browser =
            new Chromium(Files.createDirectory(file("profile")), "--ignore-certificate-errors")) {
      browser.open(https(server) + "/healthz"); // a page without rules of its own
      browser.awaitTrue("document.readyState === 'complete' && location.protocol === 'https:'");
      browser.run(
          """
          window.heard = new Set();
          window.opened = 0;
          window.sources = [...Array(10).keys()].map(i => {
            const source = new EventSource('/v1/updates?topic=a');
            source.onopen = () => window.opened++;
            source.onmessage = () => window.heard.add(i);
            return source;
          });
          """);
      browser.awaitTrue("window.opened === 10");
      browser.run("fetch('/v1/topics/a', {method: 'POST', body: 'to all'})");
      browser.awaitTrue("window.heard.size === 10");
      browser.awaitTrue("performance.getEntriesByType('navigation')[0].nextHopProtocol === 'h2'");
      assertThat(curl("-k", https(server) + "/metrics"))
          .contains("posthaste_connections{kind=\"stream\"} 10");
      browser.run("window.sources.forEach(source => source.close())");
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(curl("-k", https(server) + "/metrics"))
                      .contains("posthaste_connections{kind=\"stream\"} 0"));
    }
  }

  @Test
  void saysWhatIsWrongWithItsFilesAndDoesNotStart() throws Exception {
    TestAuthority authority = new TestAuthority();
    authority.issue("one").write(file("one.crt"), file("one.key"));
    authority.issue("two").write(file("two.crt"), file("two.key"));
    try (Child server =
        Child.start(
            directory,
            "serve",
            "--tls-cert",
            file("one.crt").toString(),
            "--tls-key",
            file("two.key").toString())) {
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.err())
          .singleElement()
          .asString()
          .contains("TLS: key: not that of the certificate of CN=one (expected: the one");
    }
  }
}
