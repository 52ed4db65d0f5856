package io.posthaste.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every door, knocked on by whoever may and may not come in: the same answers whatever carries the
 * knocks and whatever the log is.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AccessContract {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String UNAUTHENTICATED = "401 unauthenticated";
  private static final String FORBIDDEN = "403 forbidden";

  /**
   * Servers of one log.
   *
   * @param operated where it is said who may what
   * @param knocked where clients come; may be the same
   * @param log what ends after both
   */
  record World(GuardedServer operated, GuardedServer knocked, AutoCloseable log)
      implements AutoCloseable {
    static World of(GuardedServer one) {
      return new World(one, one, () -> {});
    }

    @Override
    public void close() throws Exception {
      knocked.close();
      if (operated != knocked) {
        operated.close();
      }
      log.close();
    }
  }

  private @Nullable World world;
  private String right = "";
  private String expired = "";

  /** Starts it. */
  abstract World start(Path data) throws Exception;

  /** The doors that are knocked on. */
  List<Doors> doors() {
    return List.of(Doors.values());
  }

  /** Those that hold something open that can be ended. */
  final Stream<Doors> staying() {
    return doors().stream().filter(Doors::stays);
  }

  @BeforeAll
  final void begin(@TempDir Path data) throws Exception {
    world = start(data);
    operated().user("root", null);
    operated().user("alice", null);
    operated().grant("alice", "read", "granted/+/{id}");
    operated().grant("alice", "read", "one");
    right = operated().key("alice");
    awaitReading(right, "one");
    expired = keyFor(Duration.ofMillis(1_500));
    await()
        .atMost(PATIENCE)
        .until(() -> knocked().get("/v1/access/whoami", expired).body().contains("has expired"));
  }

  @AfterAll
  final void stop() throws Exception {
    if (world != null) {
      world.close();
    }
  }

  private GuardedServer operated() {
    return requireNonNull(world).operated;
  }

  private GuardedServer knocked() {
    return requireNonNull(world).knocked;
  }

  private String keyFor(Duration life) {
    String body =
        "{\"user\":\"alice\",\"name\":\"short\",\"expires\":\"%s\"}"
            .formatted(Instant.now().plus(life));
    return "Bearer "
        + operated().operate("POST", "/v1/access/keys", body).json().path("secret").asText();
  }

  /** Until the server that is knocked on has heard of it. */
  private void awaitReading(String authorization, String topic) {
    await()
        .atMost(PATIENCE)
        .until(() -> knocked().get("/v1/updates?topic=" + topic, authorization).status() == 200);
  }

  private String answer(Doors door, @Nullable String authorization, String topic) throws Exception {
    try (Doors.Knock knock = door.knock(knocked(), authorization, topic)) {
      return knock.answer();
    }
  }

  @ParameterizedTest
  @MethodSource("doors")
  void noCredentials(Doors door) throws Exception {
    assertThat(answer(door, null, "one")).isEqualTo(UNAUTHENTICATED);
  }

  @ParameterizedTest
  @MethodSource("doors")
  void wrongCredentials(Doors door) throws Exception {
    assertThat(answer(door, right + "x", "one")).isEqualTo(UNAUTHENTICATED);
    assertThat(answer(door, "Bearer a.b.c", "one")).isEqualTo(UNAUTHENTICATED);
    assertThat(answer(door, "Digest x", "one")).isEqualTo(UNAUTHENTICATED);
    assertThat(answer(door, GuardedServer.basic("alice", "guessed"), "one"))
        .isEqualTo(UNAUTHENTICATED);
  }

  @ParameterizedTest
  @MethodSource("doors")
  void expiredCredentials(Doors door) throws Exception {
    assertThat(answer(door, expired, "one")).isEqualTo(UNAUTHENTICATED);
  }

  @ParameterizedTest
  @MethodSource("doors")
  void anotherTopic(Doors door) throws Exception {
    assertThat(answer(door, right, "two")).isEqualTo(FORBIDDEN);
    assertThat(answer(door, right, "granted/a/bob")).isEqualTo(FORBIDDEN);
    assertThat(answer(door, right, "$access/users/alice")).isEqualTo(FORBIDDEN);
  }

  @ParameterizedTest
  @MethodSource("doors")
  void aWiderPattern(Doors door) throws Exception {
    assertThat(answer(door, right, "granted/**")).isEqualTo(FORBIDDEN);
    assertThat(answer(door, right, "*")).isEqualTo(FORBIDDEN);
  }

  @ParameterizedTest
  @MethodSource("doors")
  void whoeverMayComesIn(Doors door) throws Exception {
    assertThat(answer(door, right, "one")).isEqualTo("open");
    assertThat(answer(door, right, "granted/*/alice")).isEqualTo("open");
  }

  @ParameterizedTest
  @MethodSource("staying")
  void aGrantThatIsTakenAwayEndsWhatItHeldOpen(Doors door) throws Exception {
    String topic = "for-a-while/" + door.name();
    operated().grant("alice", "read", topic);
    awaitReading(right, topic);
    try (Doors.Knock open = door.knock(knocked(), right, topic)) {
      assertThat(open.answer()).isEqualTo("open");

      operated().revoke("alice", "read", topic);

      String end = open.end().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(end)
          .isEqualTo(
              Map.of(
                      Doors.LONG_POLL, FORBIDDEN,
                      Doors.WEB_SOCKET, "forbidden",
                      Doors.TCP, "forbidden")
                  .getOrDefault(door, "ended"));
    }
    assertThat(answer(door, right, topic)).isEqualTo(FORBIDDEN);
  }

  @ParameterizedTest
  @MethodSource("staying")
  void aKeyThatIsRevokedEndsWhatItHeldOpen(Doors door) throws Exception {
    String key = operated().key("alice");
    awaitReading(key, "one");
    try (Doors.Knock open = door.knock(knocked(), key, "one")) {
      assertThat(open.answer()).isEqualTo("open");

      String name = key.substring("Bearer ph_".length()).split("_", 2)[0];
      operated().operate("DELETE", "/v1/access/keys/" + name, "");

      assertThat(open.end().get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(byProof(door));
    }
    assertThat(answer(door, key, "one")).isEqualTo(UNAUTHENTICATED);
  }

  /** How that ends which rested on what proved who it was. */
  private static String byProof(Doors door) {
    return Map.of(
            Doors.LONG_POLL, UNAUTHENTICATED,
            Doors.WEB_SOCKET, "unauthenticated",
            Doors.TCP, "unauthenticated")
        .getOrDefault(door, "ended");
  }

  @Test
  void aKeyThatExpiresEndsWhatItHeldOpen() throws Exception {
    Duration life = Duration.ofSeconds(2);
    while (!endsByItself(life)) {
      life = life.multipliedBy(2); // the machine was too slow to open all of them meanwhile
      assertThat(life).isLessThan(Duration.ofMinutes(1));
    }
  }

  /** False if it ended before all were open. */
  private boolean endsByItself(Duration life) throws Exception {
    String key = keyFor(life);
    awaitKnown(key);
    Map<Doors, Doors.Knock> open = new EnumMap<>(Doors.class);
    try {
      for (Doors door : staying().toList()) {
        open.put(door, door.knock(knocked(), key, "one"));
      }
      List<String> answers = new ArrayList<>();
      open.values().forEach(knock -> answers.add(knock.answer()));
      if (answers.contains(UNAUTHENTICATED)) {
        return false;
      }
      assertThat(answers).containsOnly("open");
      for (Map.Entry<Doors, Doors.Knock> each : open.entrySet()) {
        assertThat(each.getValue().end().get(life.toSeconds() + 30, TimeUnit.SECONDS))
            .as("%s", each.getKey())
            .isEqualTo(byProof(each.getKey()));
      }
      return true;
    } finally {
      open.values().forEach(Doors.Knock::close);
    }
  }

  /** Until the server that is knocked on knows the key, which may have expired meanwhile. */
  private void awaitKnown(String key) {
    await()
        .atMost(PATIENCE)
        .until(() -> !knocked().get("/v1/access/whoami", key).body().contains("is not known"));
  }
}
