package io.posthaste.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private final Ledger ledger = new Ledger(2);

  @Test
  void countsHolesAndTheMissingEnd() {
    arrive(0, 0, 1, 4);

    assertThat(ledger.received()).isEqualTo(3);
    assertThat(ledger.lost(0, 6, null)).isEqualTo(3);
    assertThat(ledger.lost(1, 6, null)).isEqualTo(6);
  }

  @Test
  void aLateOneFillsItsHoleOnce() {
    arrive(0, 0, 2, 1, 1);

    assertThat(ledger.received()).isEqualTo(3);
    assertThat(ledger.outOfOrder()).isEqualTo(1);
    assertThat(ledger.duplicates()).isEqualTo(1);
    assertThat(ledger.lost(0, 3, null)).isZero();
  }

  @Test
  void whatWasNotPublishedIsNotLost() {
    BitSet failed = new BitSet();
    failed.set(1);
    failed.set(3);
    arrive(0, 0, 2);

    assertThat(ledger.lost(0, 4, failed)).isZero();
  }

  @Test
  void readersOfATopicAreCountedWithoutTheStalled() {
    Load load = Load.fanOut(Technique.SSE, 10, 1, 1).overTopics(4).stalled(5);
    RunState state = new RunState(Target.nchan("127.0.0.1", 1), load, 1);

    // Readers 5 to 9 read; topics 1, 2, 3, 0, 1.
    assertThat(state.readersOf(0)).isEqualTo(1);
    assertThat(state.readersOf(1)).isEqualTo(2);
    assertThat(state.readersOf(2)).isEqualTo(1);
    assertThat(state.readersOf(3)).isEqualTo(1);
  }

  @Test
  void aLoadWithoutReadersOfATopicIsRefused() {
    assertThatThrownBy(() -> Load.fanOut(Technique.SSE, 3, 1, 1).overTopics(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("topics: 3 (expected: at least 4)");
  }

  private void arrive(int reader, int... seqs) {
    for (int seq : seqs) {
      ledger.arrived(reader, seq);
    }
  }
}
