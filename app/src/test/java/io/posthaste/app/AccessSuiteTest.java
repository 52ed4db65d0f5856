package io.posthaste.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every door, knocked on by whoever may and may not come in. */
@Timeout(60)
class AccessSuiteTest {
  @TempDir private static Path data;
  private static @Nullable GuardedServer server;
  private static String right = "";
  private static String expired = "";

  @BeforeAll
  static void start() {
    begin(new GuardedServer(data));
  }

  static void begin(GuardedServer started) {
    server = started;
    started.user("root", null);
    started.user("alice", null);
    started.grant("alice", "read", "granted/+/{id}");
    started.grant("alice", "read", "one");
    right = started.key("alice");
    expired = expiringKey(started);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> started.get("/v1/access/whoami", expired).status() == 401);
  }

  private static String expiringKey(GuardedServer started) {
    String body =
        "{\"user\":\"alice\",\"name\":\"short\",\"expires\":\"%s\"}"
            .formatted(Instant.now().plusMillis(1_500));
    return "Bearer "
        + started.operate("POST", "/v1/access/keys", body).json().path("secret").asText();
  }

  @AfterAll
  static void stop() {
    server().close();
  }

  static GuardedServer server() {
    return requireNonNull(server);
  }

  private static String knock(Doors door, @Nullable String authorization, String topic)
      throws Exception {
    return door.knock(server(), authorization, topic).answer();
  }

  @ParameterizedTest
  @EnumSource
  void noCredentials(Doors door) throws Exception {
    assertThat(knock(door, null, "one")).isEqualTo("401 unauthenticated");
  }

  @ParameterizedTest
  @EnumSource
  void wrongCredentials(Doors door) throws Exception {
    assertThat(knock(door, right + "x", "one")).isEqualTo("401 unauthenticated");
    assertThat(knock(door, "Bearer a.b.c", "one")).isEqualTo("401 unauthenticated");
    assertThat(knock(door, "Digest x", "one")).isEqualTo("401 unauthenticated");
    assertThat(knock(door, GuardedServer.basic("alice", "guessed"), "one"))
        .isEqualTo("401 unauthenticated");
  }

  @ParameterizedTest
  @EnumSource
  void expiredCredentials(Doors door) throws Exception {
    assertThat(knock(door, expired, "one")).isEqualTo("401 unauthenticated");
  }

  @ParameterizedTest
  @EnumSource
  void anotherTopic(Doors door) throws Exception {
    assertThat(knock(door, right, "two")).isEqualTo("403 forbidden");
    assertThat(knock(door, right, "granted/a/bob")).isEqualTo("403 forbidden");
    assertThat(knock(door, right, "$access/users/alice")).isEqualTo("403 forbidden");
  }

  @ParameterizedTest
  @EnumSource
  void aWiderPattern(Doors door) throws Exception {
    assertThat(knock(door, right, "granted/**")).isEqualTo("403 forbidden");
    assertThat(knock(door, right, "*")).isEqualTo("403 forbidden");
  }

  @ParameterizedTest
  @EnumSource
  void whoeverMayComesIn(Doors door) throws Exception {
    assertThat(knock(door, right, "one")).isEqualTo("open");
    assertThat(knock(door, right, "granted/*/alice")).isEqualTo("open");
  }

  @ParameterizedTest
  @EnumSource
  void aGrantThatIsTakenAwayEndsWhatItHeldOpen(Doors door) throws Exception {
    if (!door.stays()) {
      return;
    }
    String topic = "for-a-while/" + door.name();
    server().grant("alice", "read", topic);
    Doors.Knock open = door.knock(server(), right, topic);
    assertThat(open.answer()).isEqualTo("open");

    long before = System.nanoTime();
    server().revoke("alice", "read", topic);

    String end = open.end().get(10, TimeUnit.SECONDS);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(3));
    assertThat(end)
        .isEqualTo(
            Map.of(
                    Doors.LONG_POLL, "403 forbidden",
                    Doors.WEB_SOCKET, "forbidden",
                    Doors.TCP, "forbidden")
                .getOrDefault(door, "ended"));
    assertThat(knock(door, right, topic)).isEqualTo("403 forbidden");
  }

  @ParameterizedTest
  @EnumSource
  void aKeyThatIsRevokedEndsWhatItHeldOpen(Doors door) throws Exception {
    if (!door.stays()) {
      return;
    }
    String key = server().key("alice");
    Doors.Knock open = door.knock(server(), key, "one");
    assertThat(open.answer()).isEqualTo("open");

    String name = key.substring("Bearer ph_".length()).split("_", 2)[0];
    server().operate("DELETE", "/v1/access/keys/" + name, "");

    assertThat(open.end().get(10, TimeUnit.SECONDS))
        .isEqualTo(
            Map.of(
                    Doors.LONG_POLL, "401 unauthenticated",
                    Doors.WEB_SOCKET, "unauthenticated",
                    Doors.TCP, "unauthenticated")
                .getOrDefault(door, "ended"));
    assertThat(knock(door, key, "one")).isEqualTo("401 unauthenticated");
  }

  @ParameterizedTest
  @EnumSource
  void aKeyThatExpiresEndsWhatItHeldOpen(Doors door) throws Exception {
    if (!door.stays()) {
      return;
    }
    Doors.Knock open = door.knock(server(), expiringKey(server()), "one");
    assertThat(open.answer()).isEqualTo("open");

    assertThat(open.end().get(10, TimeUnit.SECONDS)).isNotBlank();
  }
}
