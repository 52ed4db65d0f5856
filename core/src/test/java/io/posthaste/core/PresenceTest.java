package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two nodes over one log, and who is where. */
final class PresenceTest {
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Duration LEASE = Duration.ofMillis(600);
  private static final Payload ABOUT = Payload.of("{}");

  private final Log log = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
  private final Hub firstHub = new Hub(log);
  private final Hub secondHub = new Hub(log);
  private final Presence first = new Presence(firstHub, "first", LEASE);
  private final Presence second = new Presence(secondHub, "second", LEASE);

  @AfterEach
  void close() {
    first.close();
    second.close();
    firstHub.close();
    secondHub.close();
    log.close();
  }

  private List<String> there(String place) throws Exception {
    Page page =
        log.read(
                new ReadRequest(
                    0,
                    List.of(new TopicPattern(Presence.PREFIX + place + "/+/+")),
                    0,
                    1_000,
                    1 << 20,
                    true))
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    return page.messages().stream()
        .filter(message -> !message.deleted())
        .map(message -> message.topic().name().substring(Presence.PREFIX.length()))
        .sorted()
        .toList();
  }

  private void awaitThere(String place, String... expected) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(there(place)).containsExactly(expected));
  }

  @Test
  void whoJoinsIsThereAndWhoLeavesIsNot() {
    Presence.Member alice = first.join("room", "alice", "phone", ABOUT).orElseThrow();
    second.join("room", "bob", "desk", ABOUT).orElseThrow();
    first.join("other", "carol", "desk", ABOUT).orElseThrow();
    awaitThere("room", "room/alice/phone", "room/bob/desk");
    alice.leave(AT_ONCE);
    awaitThere("room", "room/bob/desk");
  }

  @Test
  void oneWhoComesBackInTimeHasNotBeenAway() throws Exception {
    Presence.Member before = first.join("room", "alice", "phone", ABOUT).orElseThrow();
    awaitThere("room", "room/alice/phone");
    long head = log.head(0).toCompletableFuture().get();
    before.leave(Duration.ofMinutes(1));
    Presence.Member after = first.join("room", "alice", "phone", ABOUT).orElseThrow();
    Page since =
        log.read(
                new ReadRequest(
                    0, List.of(new TopicPattern("$presence/#")), head, 10, 1 << 20, false))
            .toCompletableFuture()
            .get();
    assertThat(since.messages()).isEmpty();
    after.leave(AT_ONCE);
    awaitThere("room");
  }

  @Test
  void oneWhoWentOnToAnotherNodeStays() {
    Presence.Member here = first.join("room", "alice", "phone", ABOUT).orElseThrow();
    awaitThere("room", "room/alice/phone");
    second.join("room", "alice", "phone", ABOUT).orElseThrow();
    here.leave(AT_ONCE);
    Presence.Member mark = first.join("room", "zoe", "phone", ABOUT).orElseThrow();
    awaitThere("room", "room/alice/phone", "room/zoe/phone");
    mark.leave(AT_ONCE);
    awaitThere("room", "room/alice/phone");
  }

  @Test
  void severalConnectionsShareAPresence() {
    Presence.Member tab = first.join("room", "alice", "phone", ABOUT).orElseThrow();
    Presence.Member otherTab = first.join("room", "alice", "phone", ABOUT).orElseThrow();
    tab.leave(AT_ONCE);
    tab.leave(AT_ONCE);
    assertThat(first.size()).isEqualTo(1);
    awaitThere("room", "room/alice/phone");
    otherTab.leave(AT_ONCE);
    awaitThere("room");
  }

  @Test
  void aDeadNodesPresencesEnd() {
    first.join("room", "alice", "phone", ABOUT).orElseThrow();
    second.join("room", "bob", "desk", ABOUT).orElseThrow();
    awaitThere("room", "room/alice/phone", "room/bob/desk");
    first.close(); // as suddenly as a death: it ends nothing
    awaitThere("room", "room/bob/desk");
    Presence late = new Presence(secondHub, "late", LEASE);
    late.close();
  }

  @Test
  void aNodeThatLivesKeepsItsPresences() {
    first.join("room", "alice", "phone", ABOUT).orElseThrow();
    awaitThere("room", "room/alice/phone");
    await()
        .during(LEASE.multipliedBy(3))
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(there("room")).containsExactly("room/alice/phone"));
  }

  @Test
  void joiningAndRenewingDoNotWaitForEachOther() throws Exception {
    Presence hasty = new Presence(firstHub, "hasty", Duration.ofMillis(60));
    for (int i = 0; i < 2_000; i++) {
      hasty.join("crowd", "one" + i, "x", ABOUT).orElseThrow();
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> !there("crowd").isEmpty());
    hasty.close();
  }

  @Test
  void badNamesAreRefused() {
    assertThatThrownBy(() -> first.join("room", "a/b", "phone", ABOUT))
        .isInstanceOf(MalformedException.class)
        .hasMessage("as: \"a/b\" (expected: 1 to 128 bytes without /)");
    assertThatThrownBy(() -> first.join("", "a", "phone", ABOUT))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> first.join("room", "a#", "phone", ABOUT))
        .isInstanceOf(MalformedException.class);
  }
}
