package io.posthaste.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import io.posthaste.door.tcp.TcpClient;
import io.posthaste.door.tcp.TcpRefusedException;
import io.posthaste.server.PublishRate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A publisher may publish so much, over all doors together; others are not touched. Here one
 * message, and another after some 17 minutes: no test is so slow that the clock matters.
 */
final class PublishRateTest {
  private static final String PROXY = "127.0.0.9";

  private final PosthasteServer server =
      PosthasteServer.start(
          Map.of(
              "http", List.of("127.0.0.1:0"),
              "tcp", List.of("127.0.0.1:0"),
              "nacos", List.of("127.0.0.1:0"),
              "apollo", List.of("127.0.0.1:0"),
              "engine", List.of("memory"),
              "publish-rate", List.of("0.001"),
              "trusted-proxy", List.of(PROXY)));
  private final InetSocketAddress address = server.http().orElseThrow();
  private final String place = "127.0.0.1:" + address.getPort();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void end() {
    server.close();
  }

  @Test
  void everyDoorRefusesWhoHasPublishedAsMuchAsHeMay() throws Exception {
    assertThat(call("POST", "/v1/topics/a", "1").statusCode()).isEqualTo(201);

    for (List<String> request :
        List.of(
            List.of("POST", "/v1/topics/a", "2"),
            List.of("DELETE", "/v1/topics/a", ""),
            List.of("POST", "/v1/batch", "{\"topic\":\"a\",\"data\":3}"))) {
      HttpResponse<String> refused = call(request.get(0), request.get(1), request.get(2));
      assertThat(refused.statusCode()).as("%s", request).isEqualTo(429);
      assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow())
          .isBetween(1L, 1_000L);
      assertThat(refused.body()).contains("\"code\":\"rateLimited\"");
    }
    assertThat(overWebSocket("{\"op\":\"publish\",\"ref\":7,\"topic\":\"a\",\"data\":4}"))
        .startsWith("{\"op\":\"error\",\"ref\":7,\"code\":\"rateLimited\"");
    try (TcpClient tcp = TcpClient.connect(server.tcp().orElseThrow()).get(20, TimeUnit.SECONDS)) {
      assertThatThrownBy(
              () ->
                  tcp.publish(new Topic("a"), "text/plain", Payload.of("5"))
                      .get(20, TimeUnit.SECONDS))
          .hasCauseInstanceOf(TcpRefusedException.class)
          .hasMessageContaining("as much as it may");
      // It is read again after a moment.
      assertThat(tcp.latest(new Topic("a")).get(20, TimeUnit.SECONDS).orElseThrow().payload())
          .isEqualTo(Payload.of("1"));
    }
    assertThat(call("GET", "/v1/topics/a", "").body()).isEqualTo("1");
    assertThat(call("GET", "/metrics", "").body())
        .contains("posthaste_refused_total{limit=\"publish-rate\"} 5.0");
  }

  /** So that a flood is answered no faster than one can be read beside it. */
  @Test
  void everyDoorRefusesAfterAPause() throws Exception {
    assertThat(call("POST", "/v1/topics/a", "1").statusCode()).isEqualTo(201);

    int http = address.getPort();
    int nacos = server.nacos().orElseThrow().getPort();
    int apollo = server.apollo().orElseThrow().getPort();
    String form = "dataId=a&group=G&groupName=G&content=1";
    String items = "/openapi/v1/envs/DEV/apps/a/clusters/default/namespaces/application/items";
    assertRefusedAfterAPause(http, "POST", "/v1/topics/a", "2");
    assertRefusedAfterAPause(http, "DELETE", "/v1/topics/a", "");
    assertRefusedAfterAPause(http, "POST", "/v1/batch", "{\"topic\":\"a\",\"data\":3}");
    String gray = "/v1/configs/public/G/a/gray/g";
    assertRefusedAfterAPause(http, "DELETE", gray, "");
    assertRefusedAfterAPause(nacos, "POST", "/nacos/v1/cs/configs?" + form, "");
    assertRefusedAfterAPause(nacos, "DELETE", "/nacos/v1/cs/configs?" + form, "");
    assertRefusedAfterAPause(nacos, "POST", "/nacos/v2/cs/config?" + form, "");
    assertRefusedAfterAPause(
        apollo, "POST", items, "{\"key\":\"k\",\"value\":\"v\",\"dataChangeCreatedBy\":\"ann\"}");
  }

  private void assertRefusedAfterAPause(int port, String method, String path, String body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    long asked = System.nanoTime();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    Duration waited = Duration.ofNanos(System.nanoTime() - asked);
    assertThat(answer.statusCode()).as("%s %s", method, path).isEqualTo(429);
    assertThat(answer.body()).contains("as much as it may for now (expected: a retry in ");
    assertThat(waited)
        .as("%s %s", method, path)
        .isGreaterThanOrEqualTo(Duration.ofMillis(PublishRate.PAUSE_MILLIS));
  }

  @Test
  void aFloodOfOneDoesNotComeBeforeWhatAnotherPublishes() throws Exception {
    int flood = 20; // each is refused after a pause
    try (Socket reader = from("127.0.0.1");
        Socket flooder = from("127.0.0.1");
        Socket other = from("127.0.0.2")) {
      reader
          .getOutputStream()
          .write(
              request("GET /v1/updates?topic=a", "Accept: application/x-ndjson\r\n", "")
                  .getBytes(UTF_8));
      BufferedReader delivered = lines(reader);
      await(delivered, "\"next\"");
      Thread publishing =
          new Thread(
              () -> {
                try {
                  byte[] one = request("POST /v1/topics/a", "", "flood").getBytes(UTF_8);
                  for (int i = 0; i < flood; i++) {
                    flooder.getOutputStream().write(one);
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      publishing.start();
      BufferedReader answers = lines(flooder);
      await(answers, "HTTP/1.1 429"); // it is under way, and over its rate

      other.getOutputStream().write(request("POST /v1/topics/a", "", "other").getBytes(UTF_8));
      assertThat(lines(other).readLine()).startsWith("HTTP/1.1 201");
      awaitMessage(delivered, "flood");
      awaitMessage(delivered, "other"); // with none of the flood in between

      for (int refused = 1; refused < flood - 1; refused++) {
        await(answers, "HTTP/1.1 429");
      }
      publishing.join();
    }
  }

  @Test
  void whoHasProvedWhoHeIsIsHeldToItWhereverHeComesFrom() throws Exception {
    ControlFile control = server.control().orElseThrow();
    String operator = "Authorization: Bearer " + control.secret();
    for (String id : List.of("alice", "bob")) {
      assertThat(operate(operator, "users", "{\"id\":\"" + id + "\"}")).contains("201");
    }
    assertThat(
            operate(
                operator, "grants", "{\"user\":\"bob\",\"right\":\"publish\",\"pattern\":\"a\"}"))
        .contains("204");
    String alice = "Authorization: Bearer " + key(operator, "alice");
    String bob = "Authorization: Bearer " + key(operator, "bob");

    assertThat(publish("127.0.0.1", alice)).contains("201");
    assertThat(publish("127.0.0.3", alice)).contains("429");
    assertThat(publish("127.0.0.1", bob)).contains("201");
  }

  private String operate(String header, String what, String json) throws IOException {
    try (Socket socket = from("127.0.0.1")) {
      socket
          .getOutputStream()
          .write(
              request("POST /v1/access/" + what, header + "\r\nConnection: close\r\n", json)
                  .getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private String key(String operator, String user) throws IOException {
    return operate(operator, "keys", "{\"user\":\"" + user + "\",\"name\":\"k\"}")
        .replaceFirst("(?s).*\"secret\":\"([^\"]+)\".*", "$1");
  }

  @Test
  void thoseBehindATrustedProxyAreToldApart() throws Exception {
    assertThat(publish(PROXY, "X-Forwarded-For: 192.0.2.1")).contains("201");
    assertThat(publish(PROXY, "X-Forwarded-For: 192.0.2.1")).contains("429");
    assertThat(publish(PROXY, "X-Forwarded-For: 192.0.2.2")).contains("201");
    assertThat(publish(PROXY, "X-Forwarded-For: 192.0.2.3, 192.0.2.2")).contains("429");
    assertThat(publish("127.0.0.3", "X-Forwarded-For: 192.0.2.8")).contains("201");
    assertThat(publish("127.0.0.3", "X-Forwarded-For: 192.0.2.9")).contains("429");
  }

  private HttpResponse<String> call(String method, String path, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://" + place + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String overWebSocket(String frame) throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    WebSocket socket =
        http.newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://" + place + "/v1/updates"),
                new WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onText(
                      WebSocket from, CharSequence data, boolean last) {
                    heard.add(data.toString());
                    from.request(1);
                    return null;
                  }
                })
            .get(20, TimeUnit.SECONDS);
    socket.sendText(frame, true);
    String answer = heard.poll(20, TimeUnit.SECONDS);
    socket.sendText("{\"op\":\"ping\"}", true);
    assertThat(heard.poll(20, TimeUnit.SECONDS)).as("read again after a moment").contains("pong");
    socket.abort();
    return answer;
  }

  private String publish(String from, String header) throws IOException {
    try (Socket socket = from(from)) {
      socket
          .getOutputStream()
          .write(request("POST /v1/topics/a", header + "\r\n", "1").getBytes(UTF_8));
      return lines(socket).readLine();
    }
  }

  private Socket from(String client) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(30_000);
    socket.bind(new InetSocketAddress(InetAddress.getByName(client), 0));
    socket.connect(address);
    return socket;
  }

  private static String request(String what, String headers, String body) {
    return what
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: "
        + body.length()
        + "\r\n"
        + headers
        + "\r\n"
        + body;
  }

  private static BufferedReader lines(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
  }

  /** Reads on to a line that has this. */
  private static void await(BufferedReader lines, String part) throws IOException {
    String line = lines.readLine();
    while (!line.contains(part)) {
      line = lines.readLine();
    }
  }

  /** Reads on to the next message, which must be this one. */
  private static void awaitMessage(BufferedReader lines, String data) throws IOException {
    String line = lines.readLine();
    while (!line.contains("\"topic\"")) {
      line = lines.readLine();
    }
    assertThat(line).contains("\"data\":\"" + data + '"');
  }
}
