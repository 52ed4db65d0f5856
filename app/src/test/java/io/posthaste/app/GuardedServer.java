package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.posthaste.door.tcp.TcpClientOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A whole server of which tests make users, keys and grants known by its HTTP API. */
final class GuardedServer implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  final PosthasteServer server;
  final String url;
  final String operator;

  /** What clients have that speak HTTP/1.1 with it. */
  final HttpClient http;

  /** What clients have that speak TCP with it. */
  final TcpClientOptions tcp;

  /** What carries requests to {@link Doors}. */
  final Wire wire;

  /** An answer. */
  record Answer(int status, String body, @Nullable String challenge, long retryAfter) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new AssertionError("no JSON: " + body, e);
      }
    }

    String code() {
      return json().path("code").asText();
    }
  }

  GuardedServer(Path data) {
    this(data, Map.of());
  }

  GuardedServer(Path data, Map<String, List<String>> more) {
    this(data, more, null, Wire.HTTP_1);
  }

  /**
   * @param trusting of clients, where the server speaks TLS
   * @param wire what carries requests to {@link Doors}
   */
  GuardedServer(
      Path data, Map<String, List<String>> more, @Nullable SSLContext trusting, Wire wire) {
    this.wire = wire;
    HttpClient.Builder client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    http = trusting == null ? client.build() : client.sslContext(trusting).build();
    tcp = trusting == null ? TcpClientOptions.DEFAULT : TcpClientOptions.DEFAULT.withTls(trusting);
    Map<String, List<String>> settings = new HashMap<>();
    settings.put("data", List.of(data.toString()));
    settings.put("http", List.of("127.0.0.1:0"));
    settings.put("tcp", List.of("127.0.0.1:0"));
    settings.put("drain", List.of("0s"));
    settings.putAll(more);
    server = PosthasteServer.start(settings);
    InetSocketAddress address = server.http().orElseThrow();
    url = (trusting == null ? "http" : "https") + "://127.0.0.1:" + address.getPort();
    operator = "Bearer " + server.control().orElseThrow().secret();
  }

  Answer ask(String method, String path, @Nullable String authorization, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(30))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    try {
      HttpResponse<String> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Answer(
          answer.statusCode(),
          answer.body(),
          answer.headers().firstValue("WWW-Authenticate").orElse(null),
          answer.headers().firstValueAsLong("Retry-After").orElse(0));
    } catch (IOException e) {
      throw new AssertionError(method + " " + path, e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A metric without labels. */
  double metric(String name) {
    return get("/metrics", operator)
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .sum();
  }

  Answer get(String path, @Nullable String authorization) {
    return ask("GET", path, authorization, "");
  }

  /** Has the operator do something that must succeed. */
  Answer operate(String method, String path, String body) {
    Answer answer = ask(method, path, operator, body);
    assertThat(answer.status()).as(answer.body()).isBetween(200, 299);
    return answer;
  }

  /** Makes somebody known, who has a password where one is given. */
  void user(String id, @Nullable String password) {
    String secret = password == null ? "" : ",\"password\":\"" + password + "\"";
    operate("POST", "/v1/access/users", "{\"id\":\"" + id + "\"" + secret + "}");
  }

  void grant(String id, String right, String pattern) {
    operate("POST", "/v1/access/grants", grantJson(id, right, pattern));
  }

  void revoke(String id, String right, String pattern) {
    operate("DELETE", "/v1/access/grants", grantJson(id, right, pattern));
  }

  static String grantJson(String id, String right, String pattern) {
    return "{\"user\":\"%s\",\"right\":\"%s\",\"pattern\":\"%s\"}".formatted(id, right, pattern);
  }

  /** Makes a key and gives the header that shows it. */
  String key(String id) {
    return "Bearer " + keyText(id);
  }

  String keyText(String id) {
    return operate("POST", "/v1/access/keys", "{\"user\":\"" + id + "\",\"name\":\"test\"}")
        .json()
        .path("secret")
        .asText();
  }

  static String basic(String id, String password) {
    byte[] both = (id + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(both);
  }

  @Override
  public void close() {
    server.close();
  }
}
