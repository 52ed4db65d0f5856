package io.posthaste.app;

import static io.posthaste.app.GuardedServer.basic;
import static io.posthaste.app.GuardedServer.grantJson;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Users, keys and grants over HTTP, from a new server on. */
@Timeout(60)
final class AccessTest {
  @TempDir private Path data;

  @Test
  void aNewServerIsOpenAndOnlyItsOwnFilesMakeTheFirstUser() {
    try (GuardedServer server = new GuardedServer(data)) {
      assertThat(server.ask("POST", "/v1/topics/a", null, "x").status()).isEqualTo(201);
      String alice = "{\"id\":\"alice\",\"password\":\"correct horse\"}";

      assertThat(server.ask("POST", "/v1/access/users", null, alice).status()).isEqualTo(401);
      assertThat(server.operate("POST", "/v1/access/users", alice).body().strip())
          .isEqualTo("{\"administrator\":true}");

      GuardedServer.Answer closed = server.get("/v1/topics/a", null);
      assertThat(closed.status()).isEqualTo(401);
      assertThat(closed.challenge()).isEqualTo("Bearer realm=\"posthaste\"");
      assertThat(server.get("/v1/topics/a", basic("alice", "correct horse")).body()).isEqualTo("x");
      assertThat(server.get("/v1/topics/a", basic("alice", "wrong horse")).status()).isEqualTo(401);
      assertThat(server.get("/healthz", null).status()).isEqualTo(200);
    }
  }

  @Test
  void whatIsNotGrantedIsRefusedWhetherItExistsOrNot() {
    try (GuardedServer server = new GuardedServer(data)) {
      server.user("root", null);
      server.user("bob", null);
      server.grant("bob", "read", "orders/{id}/#");
      String bob = server.key("bob");
      server.ask("POST", "/v1/topics/orders/alice/1", server.operator, "x");
      server.ask("POST", "/v1/topics/orders/bob/1", server.operator, "y");

      assertThat(server.get("/v1/topics/orders/bob/1", bob).body()).isEqualTo("y");
      GuardedServer.Answer existing = server.get("/v1/topics/orders/alice/1", bob);
      GuardedServer.Answer absent = server.get("/v1/topics/orders/alice/2", bob);
      assertThat(existing.status()).isEqualTo(403);
      assertThat(existing.code()).isEqualTo("forbidden");
      assertThat(existing.body())
          .contains("read on \\\"orders/alice/1\\\" is not granted to bob")
          .isEqualTo(absent.body().replace("alice/2", "alice/1"));
      assertThat(server.ask("POST", "/v1/topics/orders/bob/1", bob, "z").status()).isEqualTo(403);
      assertThat(server.get("/v1/updates?topic=orders/**&after=0", bob).status()).isEqualTo(403);
      assertThat(server.get("/v1/updates?topic=orders/bob/*&after=0", bob).status()).isEqualTo(200);
      assertThat(server.get("/v1/topics?prefix=o", bob).body())
          .contains("orders/bob/1")
          .doesNotContain("alice");
      assertThat(server.get("/v1/connections", bob).status()).isEqualTo(403);
      assertThat(server.get("/metrics", bob).status()).isEqualTo(403);
      assertThat(server.get("/v1/access/users", bob).status()).isEqualTo(403);
      assertThat(server.get("/v1/updates?topic=$access/**&after=0", server.operator).status())
          .isEqualTo(403);
      assertThat(server.get("/v1/access/whoami", bob).body())
          .contains("\"id\":\"bob\"", "orders/bob/#");
    }
  }

  @Test
  void theLastAdministratorStays() {
    try (GuardedServer server = new GuardedServer(data)) {
      server.user("alice", null);
      String removeAlice = grantJson("alice", "administer", "#");

      GuardedServer.Answer last =
          server.ask("DELETE", "/v1/access/grants", server.operator, removeAlice);
      assertThat(last.status()).isEqualTo(409);
      assertThat(last.code()).isEqualTo("lastAdministrator");
      assertThat(server.ask("DELETE", "/v1/access/users/alice", server.operator, "").status())
          .isEqualTo(409);

      server.user("bob", null);
      server.grant("bob", "administer", "#");
      server.operate("DELETE", "/v1/access/users/alice", "");
      assertThat(server.ask("DELETE", "/v1/access/users/bob", server.operator, "").status())
          .isEqualTo(409);
    }
  }

  @Test
  void aRevokedKeyAndAChangedPasswordNoLongerHold() {
    try (GuardedServer server = new GuardedServer(data)) {
      server.user("alice", "correct horse");
      String key = server.key("alice");
      String name = key.substring("Bearer ph_".length(), key.indexOf('_', "Bearer ph_".length()));
      assertThat(server.get("/v1/topics", key).status()).isEqualTo(200);

      server.operate("DELETE", "/v1/access/keys/" + name, "");
      assertThat(server.get("/v1/topics", key).status()).isEqualTo(401);

      assertThat(server.get("/v1/topics", basic("alice", "correct horse")).status()).isEqualTo(200);
      server.operate("PUT", "/v1/access/users/alice", "{\"password\":\"battery staple\"}");
      assertThat(server.get("/v1/topics", basic("alice", "correct horse")).status()).isEqualTo(401);
      assertThat(server.get("/v1/topics", basic("alice", "battery staple")).status())
          .isEqualTo(200);
    }
  }

  @Test
  void whoGuessesHasToWaitAndWhoHasAKeyDoesNot() {
    try (GuardedServer server = new GuardedServer(data)) {
      server.user("alice", "correct horse");
      server.user("bob", "battery staple");
      String key = server.key("alice");
      GuardedServer.Answer answer = server.get("/v1/topics", basic("alice", "guess"));
      for (int i = 0; answer.status() == 401; i++) {
        // Each wait is twice the one before, so that some time a guess comes before it is over.
        answer = server.get("/v1/topics", basic("alice", "guess" + i));
      }
      assertThat(answer.status()).as(answer.body()).isEqualTo(429);
      assertThat(answer.code()).isEqualTo("rateLimited");
      assertThat(answer.body()).contains("too many wrong passwords");
      assertThat(answer.retryAfter()).isBetween(1L, 300L);

      assertThat(server.get("/v1/topics", key).status()).isEqualTo(200);
      assertThat(server.get("/v1/topics", basic("bob", "battery staple")).status()).isEqualTo(200);
      assertThat(server.get("/metrics", server.operator).body())
          .containsPattern("posthaste_refused_total\\{limit=\"passwords\"\\} [1-9]")
          .containsPattern("posthaste_proofs_failed_total 1[1-9]");
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  server
                      .get("/v1/topics/$audit%2Faccess", server.operator)
                      .body()
                      .contains("\"from\":{\"127.0.0.1\":"));
    }
  }

  @Test
  void allOfItIsThereAfterARestart() {
    String key;
    try (GuardedServer server = new GuardedServer(data)) {
      server.user("alice", null);
      server.user("bob", null);
      server.grant("bob", "publish", "a");
      key = server.key("bob");
    }
    try (GuardedServer server = new GuardedServer(data)) {
      assertThat(server.ask("POST", "/v1/topics/a", key, "x").status()).isEqualTo(201);
      assertThat(server.ask("POST", "/v1/topics/b", key, "x").status()).isEqualTo(403);
      assertThat(server.get("/v1/topics/a", null).status()).isEqualTo(401);
    }
  }

  @Test
  void secretsAreNotKept() throws Exception {
    String key;
    try (GuardedServer server = new GuardedServer(data)) {
      server.user("alice", "correct horse battery");
      key = server.keyText("alice");
      assertThat(server.operate("GET", "/v1/access/users", "").body()).doesNotContain("argon2");
      assertThat(server.operate("GET", "/v1/access/keys", "").body())
          .doesNotContain(key.substring(key.indexOf('_', 3) + 1));
    }
    String secret = key.substring(key.indexOf('_', 3) + 1);
    try (var files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text =
            new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(text)
            .as("%s", file)
            .doesNotContain(secret)
            .doesNotContain("correct horse battery");
      }
    }
  }

  @Test
  void isNotOpenToOthersByAccident() {
    Map<String, List<String>> open = Map.of("http", List.of("0.0.0.0:0"), "drain", List.of("0s"));
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> new GuardedServer(data, open).close())
        .hasMessageContaining("./posthaste user add NAME")
        .hasMessageContaining("--insecure");

    try (GuardedServer server = new GuardedServer(data)) {
      server.user("alice", null);
    }
    new GuardedServer(data, open).close();
  }
}
