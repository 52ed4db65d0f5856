package io.posthaste.client;

import static io.posthaste.client.Technique.LONG_POLL;
import static io.posthaste.client.Technique.SHORT_POLL;
import static io.posthaste.client.Technique.SSE;
import static io.posthaste.client.Technique.WEBSOCKET;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What is learnt of techniques that fail and work. */
final class LadderTest {
  private static Ladder ladder(Duration retryBetter) {
    return new Ladder(
        new Options(Posthaste.builder().node("http://a").retryBetterAfter(retryBetter)));
  }

  @Test
  void atFirstAllAreTriedTheBestFirst() {
    assertThat(ladder(Duration.ofHours(1)).candidates())
        .containsExactly(WEBSOCKET, SSE, LONG_POLL, SHORT_POLL);
  }

  @Test
  void whatFailedWhereAWorseOneWorkedIsNotTriedForAWhile() {
    Ladder ladder = ladder(Duration.ofHours(1));
    ladder.works(LONG_POLL, List.of(WEBSOCKET, SSE));
    assertThat(ladder.candidates()).containsExactly(LONG_POLL, SHORT_POLL);
    assertThat(ladder.hasBetter(LONG_POLL)).isFalse();
    assertThat(ladder.claimProbes(LONG_POLL)).isEmpty();
  }

  @Test
  void aBlockedOneIsLookedAtByOneWhenItsTimeHasCome() {
    Ladder ladder = ladder(Duration.ofMillis(1));
    ladder.works(LONG_POLL, List.of(WEBSOCKET, SSE));
    List<Technique> claimed = new ArrayList<>();
    Awaitility.await()
        .until(
            () -> {
              claimed.addAll(ladder.claimProbes(LONG_POLL));
              return claimed.size() >= 2;
            });
    assertThat(claimed).containsExactlyInAnyOrder(WEBSOCKET, SSE);
    assertThat(ladder.claimProbes(LONG_POLL)).isEmpty();

    ladder.probed(WEBSOCKET, false);
    ladder.probed(SSE, true);

    assertThat(ladder.hasBetter(LONG_POLL)).isTrue();
    assertThat(ladder.candidates()).containsExactly(SSE, LONG_POLL, SHORT_POLL);
  }

  @Test
  void ifNothingWorksNothingWasLearnt() {
    Ladder ladder = ladder(Duration.ofHours(1));
    ladder.works(SHORT_POLL, List.of(WEBSOCKET, SSE, LONG_POLL));
    assertThat(ladder.candidates()).containsExactly(SHORT_POLL);
    ladder.nothingWorks();
    assertThat(ladder.candidates()).containsExactly(WEBSOCKET, SSE, LONG_POLL, SHORT_POLL);
  }

  @Test
  void aStreamThatNeverLastsIsAsGoodAsBlocked() {
    Ladder ladder = ladder(Duration.ofHours(1));
    ladder.ended(WEBSOCKET, true);
    ladder.ended(WEBSOCKET, true);
    ladder.ended(WEBSOCKET, false);
    ladder.ended(WEBSOCKET, true);
    ladder.ended(WEBSOCKET, true);
    assertThat(ladder.candidates()).startsWith(WEBSOCKET);
    ladder.ended(WEBSOCKET, true);
    assertThat(ladder.candidates()).startsWith(SSE);
  }

  @Test
  void theLastIsTriedWhateverHappened() {
    Ladder ladder = ladder(Duration.ofHours(1));
    for (int i = 0; i < 3; i++) {
      ladder.ended(SHORT_POLL, true);
    }
    assertThat(ladder.candidates()).endsWith(SHORT_POLL);
  }

  @Test
  void holdsAreShortenedForAll() {
    Ladder ladder = ladder(Duration.ofHours(1));
    assertThat(ladder.pollWait()).isEqualTo(Duration.ofSeconds(25));
    ladder.shortenWait(Duration.ofSeconds(6));
    assertThat(ladder.pollWait()).isEqualTo(Duration.ofSeconds(6));
  }
}
