package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

/** Says who may what, by what the server leaves for its owner in its data directory. */
final class Operator {
  private final ServerProcess server;
  private final String authorization;

  Operator(ServerProcess server, Path data) throws IOException {
    this.server = server;
    this.authorization = "Bearer " + Files.readAllLines(data.resolve("control")).get(1);
  }

  private String must(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        server
            .client()
            .send(
                server
                    .request(path)
                    .header("Authorization", authorization)
                    .method(method, BodyPublishers.ofString(body))
                    .build(),
                BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
    return answer.body();
  }

  void add(String id) throws IOException, InterruptedException {
    must("POST", "/v1/access/users", "{\"id\":\"" + id + "\"}");
  }

  void remove(String id) throws IOException, InterruptedException {
    must("DELETE", "/v1/access/users/" + id, "");
  }

  /** The header that shows a new key of his. */
  String key(String id) throws IOException, InterruptedException {
    String made = must("POST", "/v1/access/keys", "{\"user\":\"" + id + "\",\"name\":\"test\"}");
    return "Bearer " + made.replaceAll("(?s).*\"secret\":\"([^\"]+)\".*", "$1");
  }

  void grant(String id, String right, String pattern) throws IOException, InterruptedException {
    must("POST", "/v1/access/grants", grantJson(id, right, pattern));
  }

  void revoke(String id, String right, String pattern) throws IOException, InterruptedException {
    must("DELETE", "/v1/access/grants", grantJson(id, right, pattern));
  }

  private static String grantJson(String id, String right, String pattern) {
    return "{\"user\":\"%s\",\"right\":\"%s\",\"pattern\":\"%s\"}".formatted(id, right, pattern);
  }

  /** Publishes lines of ndjson. */
  void batch(String lines) throws IOException, InterruptedException {
    assertThat(must("POST", "/v1/batch", lines)).doesNotContain("\"status\":");
  }
}
