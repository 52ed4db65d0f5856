package io.posthaste.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.MemoryLog;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who guesses passwords has to wait; who does not, does not. */
@Timeout(120)
final class GuessesTest {
  private static final String PASSWORD = "correct horse";

  private long clock = 1_795_000_000_000L;
  private final Guesses guesses = new Guesses(() -> clock);

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private void guess(String id, String from, int times) {
    for (int i = 0; i < times; i++) {
      guesses.begin(id, address(from));
    }
  }

  private long wait(String id, String from) {
    return guesses.waitMillis(id, address(from));
  }

  @Test
  void aUsersWaitDoublesUpToFiveMinutes() {
    guess("alice", "10.0.0.1", 10);
    assertThat(wait("alice", "10.0.0.1")).isZero();
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      guess("alice", "10.0.0." + (i + 2), 1);
      waits.add(wait("alice", "10.0.1.1"));
      clock += waits.get(i);
      assertThat(wait("alice", "10.0.1.1")).isZero();
    }
    assertThat(waits)
        .containsExactly(
            1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 32_000L, 64_000L, 128_000L, 256_000L, 300_000L,
            300_000L);
  }

  @Test
  void anotherUserAndAnotherAddressDoNotWait() {
    guess("alice", "10.0.0.1", 12);
    assertThat(wait("alice", "10.0.0.2")).isEqualTo(2_000);
    assertThat(wait("bob", "10.0.0.1")).isZero();

    for (int i = 0; i < 40; i++) {
      guess("user" + i, "10.0.0.1", 1);
    }
    assertThat(wait("bob", "10.0.0.1")).isPositive();
    assertThat(wait("bob", "10.0.0.2")).isZero();
    assertThat(wait("user1", "10.0.0.2")).isZero();
  }

  @Test
  void anAddressOfIpv6IsItsNetwork() {
    for (int i = 0; i < 52; i++) {
      guess("user" + i, "2001:db8:0:1::" + Integer.toHexString(i + 1), 1);
    }
    assertThat(wait("bob", "2001:db8:0:1:ffff::1")).isEqualTo(2_000);
    assertThat(wait("bob", "2001:db8:0:2::1")).isZero();
  }

  @Test
  void whatWasRightForgivesNothingAndCostsNothing() {
    guess("alice", "10.0.0.1", 11);
    clock += 1_000;
    guesses.begin("alice", address("10.0.0.1")).takeBack();
    assertThat(wait("alice", "10.0.0.1")).isZero();
    guess("alice", "10.0.0.1", 1);
    assertThat(wait("alice", "10.0.0.1")).isEqualTo(2_000);

    clock += 900_000;
    guess("alice", "10.0.0.1", 10);
    assertThat(wait("alice", "10.0.0.1")).isZero();
  }

  @Test
  void aGuessThatIsTakenBackLeavesThoseOfOthers() {
    guess("alice", "10.0.0.1", 9);
    Guesses.Guess hers = guesses.begin("alice", address("10.0.0.2"));
    guess("alice", "10.0.0.1", 1);
    assertThat(wait("alice", "10.0.0.2")).isEqualTo(1_000);
    hers.takeBack();
    assertThat(wait("alice", "10.0.0.2")).isZero();
    guess("alice", "10.0.0.1", 1);
    assertThat(wait("alice", "10.0.0.2")).isEqualTo(1_000);
  }

  @Test
  void namesThatAreNoneAndManyNamesCostNoMemory() {
    for (int i = 0; i < 30_000; i++) {
      guesses.begin("a name with spaces" + i, null);
    }
    assertThat(guesses.waitMillis("another one", null)).isEqualTo(300_000);
    for (int i = 0; i < 60_000; i++) {
      guesses.begin("user" + i, null);
    }
    assertThat(guesses.remembered()).isEqualTo(20_000);
  }

  /** With the whole of it: nothing tells a right password from a wrong one while the wait runs. */
  @Test
  void theRightPasswordIsNotLookedAtEitherButAKeyIs() {
    try (MemoryLog log = AccessWorld.memory();
        AccessWorld world =
            new AccessWorld(
                log, AccessOptions.DEFAULT.withClock(() -> Instant.ofEpochMilli(clock)))) {
      Identity alice = new Identity(Identity.Kind.USER, "alice");
      AccessWorld.get(world.administration.addAccount(AccessWorld.TEST, alice, PASSWORD));
      Change.KeyMade key =
          (Change.KeyMade)
              AccessWorld.get(
                  world.administration.createKey(AccessWorld.TEST, "alice", "test", Session.NEVER));
      Credential right = new Credential.Password("alice", PASSWORD);
      InetAddress home = address("10.0.0.9");
      assertThat(world.prove(right, home)).isInstanceOf(Proved.Admitted.class);

      List<CompletableFuture<Proved>> asked = new ArrayList<>();
      for (int i = 0; i < 30; i++) { // all at once, of which some must not be looked at
        Credential wrong = new Credential.Password("alice", "wrong horse " + i);
        asked.add(world.access.prove(wrong, address("10.0.0.1")).toCompletableFuture());
      }
      List<Proved> answers = asked.stream().map(AccessWorld::get).toList();
      assertThat(answers).filteredOn(Proved.Refused.class::isInstance).hasSize(11);
      assertThat(answers).filteredOn(Proved.Delayed.class::isInstance).hasSize(19);

      assertThat(world.prove(right, home)).isEqualTo(new Proved.Delayed(1_000));
      assertThat(world.prove(Credential.ofToken(key.text()), home))
          .isInstanceOf(Proved.Admitted.class);
      assertThat(world.access.delayedProofs()).isEqualTo(20);
      assertThat(world.access.failedProofs()).isEqualTo(11);
      clock += 1_000;
      assertThat(world.prove(right, home)).isInstanceOf(Proved.Admitted.class);
    }
  }

  @Test
  void manyWithTheSameRightPasswordAtOnceAreOneGuess() {
    try (MemoryLog log = AccessWorld.memory();
        AccessWorld world = new AccessWorld(log, AccessOptions.DEFAULT)) {
      Identity alice = new Identity(Identity.Kind.USER, "alice");
      AccessWorld.get(world.administration.addAccount(AccessWorld.TEST, alice, PASSWORD));
      List<CompletableFuture<Proved>> asked = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Credential right = new Credential.Password("alice", PASSWORD);
        asked.add(world.access.prove(right, address("10.0.0.9")).toCompletableFuture());
      }
      assertThat(asked)
          .allSatisfy(one -> assertThat(AccessWorld.get(one)).isInstanceOf(Proved.Admitted.class));
    }
  }
}
