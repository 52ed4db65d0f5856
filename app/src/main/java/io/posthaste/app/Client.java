package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A server as the command line's other commands see it: a base address and a connection pool. */
final class Client {
  static final String DEFAULT_URL = "http://127.0.0.1:8080";
  private static final int LARGEST_PROBLEM_BYTES = 16 << 10;

  private final URI base;
  private final Trust trust;
  private final @Nullable String authorization;
  private final HttpClient http;

  private Client(URI base, Trust trust, @Nullable String authorization) {
    this.base = base;
    this.trust = trust;
    this.authorization = authorization;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10));
    if (!trust.equals(Trust.USUAL)) {
      builder.sslContext(trust.context());
    }
    this.http = builder.build();
  }

  /**
   * A client of a server's HTTP.
   *
   * @throws CommandFailure if the address is none
   */
  static Client of(String url) {
    return of(url, Trust.USUAL);
  }

  /** The same, showing this as the header {@code Authorization}; null for nothing. */
  Client withAuthorization(@Nullable String header) {
    return new Client(base, trust, header);
  }

  /** What is shown as the header {@code Authorization}; null for nothing. */
  @Nullable String authorization() {
    return authorization;
  }

  /** As {@link #of(String)}, of one that speaks TLS. */
  static Client of(String url, Trust trust) {
    return new Client(address(url, Set.of("http", "https")), trust, null);
  }

  /**
   * A client of a server's binary protocol: at {@code tcp://…}, or {@code tcps://…} by TLS, or on
   * its port beside HTTP's.
   */
  static Client ofTcp(String url, Trust trust) {
    URI uri = address(url, Set.of("http", "https", "tcp", "tcps"));
    boolean isTcp = uri.getScheme().startsWith("tcp") && uri.getPort() > 0;
    String scheme = uri.getScheme().endsWith("s") ? "tcps" : "tcp";
    return new Client(
        isTcp ? uri : URI.create(scheme + "://" + uri.getHost() + ":" + TcpFeed.DEFAULT_PORT),
        trust,
        null);
  }

  private static URI address(String url, Set<String> schemes) {
    try {
      URI uri = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
      if (uri.getHost() != null && schemes.contains(uri.getScheme())) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw notAnAddress(url);
    }
    throw notAnAddress(url);
  }

  private static CommandFailure notAnAddress(String url) {
    return CommandFailure.misuse(
        "--url " + url + " (expected: an address such as " + DEFAULT_URL + ")");
  }

  URI base() {
    return base;
  }

  /** Whose certificates it believes. */
  Trust trust() {
    return trust;
  }

  HttpClient http() {
    return http;
  }

  HttpRequest.Builder request(String pathAndQuery) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + pathAndQuery))
            .header("User-Agent", "posthaste/" + VersionCommand.version());
    return authorization == null ? request : request.header("Authorization", authorization);
  }

  /** The path of a topic: slashes stay, the rest is percent-encoded where it must be. */
  static String topicPath(String topic) {
    return "/v1/topics/"
        + Arrays.stream(topic.split("/", -1)).map(Client::encode).collect(Collectors.joining("/"));
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Sends a request.
   *
   * @return the answer, whose status is in the 200s or 304
   * @throws Refusal if the server refuses
   * @throws IOException if the server cannot be reached or goes
   */
  HttpResponse<InputStream> send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
    if (response.statusCode() / 100 == 2 || response.statusCode() == 304) {
      return response;
    }
    throw refusal(response);
  }

  /** Sends a request and reads a JSON answer; otherwise as {@link #send}. */
  JsonNode json(HttpRequest request) throws IOException, InterruptedException {
    try (InputStream body = send(request).body()) {
      return Json.read(new String(body.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static Refusal refusal(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = response.body()) {
      String text = new String(body.readNBytes(LARGEST_PROBLEM_BYTES), StandardCharsets.UTF_8);
      return new Refusal(response.statusCode(), explanation(text, response.statusCode()));
    }
  }

  private static String explanation(String body, int status) {
    try {
      JsonNode problem = Json.read(body);
      String said = problem.path("detail").asText(problem.path("title").asText());
      return said.isEmpty() ? "HTTP status " + status : said;
    } catch (IOException e) {
      return "HTTP status " + status;
    }
  }

  /** What to tell a person of a failure to reach the server. */
  CommandFailure unreachable(IOException e) {
    if (e instanceof Refusal refusal) {
      return new CommandFailure(base + " refuses: " + refusal.getMessage());
    }
    String advice = "";
    if (Reasons.isUnknownHost(e)) {
      advice = " (expected: an address, or a name that leads to one)";
    } else if (isUnbelieved(e)) {
      advice =
          " (expected: a certificate signed by one that is known; name its own with --cacert FILE, or"
              + " try with -k)";
    } else if (e instanceof ConnectException) {
      advice =
          " (expected: a server there; start one with: ./posthaste serve, or name another with --url)";
    }
    return new CommandFailure(base + ": " + Reasons.of(e) + advice);
  }

  private static boolean isUnbelieved(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException || cause instanceof CertPathBuilderException) {
        return true;
      }
    }
    return false;
  }

  /** The server answered, and not what was hoped for. */
  static final class Refusal extends IOException {
    private final int status;

    Refusal(int status, String explanation) {
      super(explanation);
      this.status = status;
    }

    int status() {
      return status;
    }

    /** Whether the same request may be answered otherwise later. */
    boolean isPassing() {
      return status >= 500 || status == 408 || status == 429;
    }
  }
}
