package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which hosts and origins are served. */
class SitesTest {
  private static TestServer own;
  private static TestServer shared;

  @BeforeAll
  static void start() {
    own = new TestServer();
    shared =
        new TestServer(
            HttpLimits.DEFAULT,
            new AllowedSites(Set.of("Push.example.org"), Set.of("https://app.example.org")));
  }

  @AfterAll
  static void stop() {
    own.close();
    shared.close();
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "LocalHost:8080, 200",
    "a.localhost, 200",
    "127.0.0.1, 200",
    "127.9.9.9:80, 200",
    "[::1]:8080, 200",
    "evil.example, 421",
    "localhost.evil.example, 421",
    "127.0.0.1.evil.example, 421",
    "10.0.0.1, 421",
    "'', 400",
  })
  void answersOnlyToItsOwnHosts(String host, int status) throws IOException {
    try (RawClient client = own.connect()) {
      client.send("GET /hello HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(status);
    }
  }

  @Test
  void answersToAConfiguredHost() throws IOException {
    try (RawClient client = shared.connect()) {
      client.send("GET /hello HTTP/1.1\r\nHost: push.Example.org:80\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:8080, http://localhost:8080, 200",
    "localhost, http://localhost:80, 200",
    "localhost:80, http://localhost, 200",
    "localhost, https://localhost, 200", // a proxy in front ends TLS
    "localhost, http://localhost:3000, 403",
    "localhost:8080, http://localhost, 403",
    "localhost, http://evil.example, 403",
    "localhost, https://app.example.org, 403",
    "localhost, null, 403",
    "localhost, localhost, 403",
  })
  void refusesForeignPages(String host, String origin, int status) throws IOException {
    String request = "GET %s HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin + "\r\n%s\r\n";
    try (RawClient client = own.connect()) {
      assertThat(client.send(request.formatted("/hello", "")).answer().status()).isEqualTo(status);
    }
    try (RawClient client = own.connect()) {
      client.send(
          request.formatted(
              "/socket",
              "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
      assertThat(client.head().status()).isEqualTo(status == 200 ? 101 : 403);
    }
  }

  @Test
  void refusesWhatAForeignPageAsksWithoutCors() throws IOException {
    try (RawClient client = own.connect()) {
      client.send(
          "GET /hello HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n"
              + "Sec-Fetch-Mode: no-cors\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(403);
    }
  }

  /** What browsers send of a page that is not ours, when it makes them ask without an Origin. */
  @ParameterizedTest
  @CsvSource({
    "GET,  cross-site,  navigate, document, 200", // a link to here
    "GET,  cross-site,  navigate, iframe,   403",
    "GET,  cross-site,  navigate, object,   403",
    "GET,  cross-site,  no-cors,  image,    403",
    "GET,  same-site,   no-cors,  image,    200",
    "GET,  same-origin, cors,     empty,    200",
    "GET,  same-origin, navigate, iframe,   200",
    "POST, cross-site,  navigate, document, 403",
    "POST, same-site,   navigate, document, 403",
    "POST, cross-site,  no-cors,  empty,    403",
    "POST, same-origin, cors,     empty,    200",
    "POST, none,        navigate, document, 200", // the user did it
  })
  void letsNoForeignPageUseItsVisitorsRights(
      String method, String site, String mode, String dest, int status) throws IOException {
    try (RawClient client = own.connect()) {
      client.send(
          "%s /%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic dTpw\r\n"
                  .formatted(method, method.equals("POST") ? "echo" : "hello")
              + "Sec-Fetch-Site: %s\r\nSec-Fetch-Mode: %s\r\nSec-Fetch-Dest: %s\r\n"
                  .formatted(site, mode, dest)
              + "Content-Length: 0\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(status);
    }
  }

  @Test
  void letsNoPageTakeAlongWhatTheBrowserKnowsOfItsUser() throws IOException {
    try (RawClient client = shared.connect()) {
      client.send(
          "GET /hello HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example.org\r\n\r\n");
      assertThat(client.answer().headers())
          .doesNotContainKey("Access-Control-Allow-Credentials")
          .doesNotContainKey("Set-Cookie");
    }
  }

  @Test
  void letsAnAllowedPageReadAnswersAndProblemsAndStreams() throws IOException {
    String request =
        "GET %s HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example.org\r\n\r\n";
    try (RawClient client = shared.connect()) {
      for (String path : new String[] {"/hello", "/nowhere", "/stream"}) {
        assertThat(client.send(request.formatted(path)).answerOrHead().headers())
            .containsEntry("Access-Control-Allow-Origin", "https://app.example.org")
            .containsEntry("Access-Control-Expose-Headers", "ETag, Retry-After")
            .containsEntry("Vary", "Origin");
      }
    }
    try (RawClient client = shared.connect()) {
      client.send(
          "POST /echo HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example.org\r\n"
              + "Content-Length: 1001\r\n\r\n");
      RawClient.Answer tooLarge = client.answer();
      assertThat(tooLarge.status()).isEqualTo(413);
      assertThat(tooLarge.headers())
          .containsEntry("Access-Control-Allow-Origin", "https://app.example.org");
    }
    try (RawClient client = shared.connect()) {
      assertThat(client.get("/hello").answer().headers())
          .containsEntry("Vary", "Origin")
          .doesNotContainKey("Access-Control-Allow-Origin");
    }
  }

  @Test
  void answersPreflights() throws IOException {
    String preflight =
        "OPTIONS /echo HTTP/1.1\r\nHost: localhost\r\nOrigin: %s\r\n"
            + "Access-Control-Request-Method: POST\r\n\r\n";
    try (RawClient client = shared.connect()) {
      RawClient.Answer answer =
          client.send(preflight.formatted("https://app.example.org")).answer();
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.headers())
          .containsEntry("Access-Control-Allow-Origin", "https://app.example.org")
          .containsEntry("Access-Control-Allow-Methods", "OPTIONS, POST")
          .containsEntry("Access-Control-Max-Age", "600")
          .containsKey("Access-Control-Allow-Headers");
      assertThat(client.send(preflight.formatted("https://evil.example")).answer().status())
          .isEqualTo(403);
    }
  }
}
