package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The wheel with a clock that is moved by hand. */
final class WheelTest {
  private static final long MILLI = 1_000_000;
  private static final long ROUND_MILLIS = 1024 * Wheel.TICK_MILLIS;

  private long nanos = Long.MAX_VALUE - 5_000 * MILLI; // a nano clock may overflow
  private final Wheel wheel = new Wheel(() -> nanos);
  private final List<String> met = new ArrayList<>();

  private final class Named extends Wheel.Entry {
    private final String name;
    private final Runnable then;

    Named(String name, Runnable then) {
      this.name = name;
      this.then = then;
    }

    Named(String name) {
      this(name, () -> {});
    }

    @Override
    protected void onDeadline() {
      assertThat(isDeadlineSet()).isFalse();
      met.add(name);
      then.run();
    }
  }

  private void pass(long millis) {
    nanos += millis * MILLI;
    wheel.advance();
  }

  @Test
  void aDeadlineIsNeverEarlyAndAtMostTwoTicksLate() {
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      nanos += random.nextInt(100_000_000);
      wheel.advance();
      long setAt = nanos;
      long delay = random.nextInt(4) == 0 ? random.nextInt(200_000) : random.nextInt(300);
      wheel.set(new Named("x"), delay);
      met.clear();
      while (met.isEmpty()) {
        nanos += MILLI * (1 + random.nextInt(3));
        wheel.advance();
      }
      long late = (nanos - setAt) / MILLI - delay;
      assertThat(late).isBetween(0L, 2 * Wheel.TICK_MILLIS + 3);
      assertThat(wheel.size()).isZero();
    }
  }

  @Test
  void deadlinesOfManyRoundsWaitTheirTurn() {
    wheel.set(new Named("third"), 3 * ROUND_MILLIS);
    wheel.set(new Named("first"), 100);
    wheel.set(new Named("second"), ROUND_MILLIS + 100);
    pass(ROUND_MILLIS - 1);
    assertThat(met).containsExactly("first");
    pass(ROUND_MILLIS);
    assertThat(met).containsExactly("first", "second");
    pass(ROUND_MILLIS);
    assertThat(met).hasSize(2);
    pass(200);
    assertThat(met).containsExactly("first", "second", "third");
  }

  @Test
  void whatFellDueWhileTheLoopWasStuckIsAllMet() {
    for (int i = 0; i < 100; i++) {
      wheel.set(new Named(String.valueOf(i)), i * 1_000L);
    }
    pass(1_000_000);
    assertThat(met).hasSize(100);
    assertThat(wheel.size()).isZero();
  }

  @Test
  void aCancelledDeadlineIsNotMet() {
    Named entry = new Named("x");
    wheel.set(entry, 100);
    wheel.cancel(entry);
    wheel.cancel(entry);
    assertThat(wheel.size()).isZero();
    pass(1_000);
    assertThat(met).isEmpty();
  }

  @Test
  void aMovedDeadlineIsMetOnceAtItsLastPlace() {
    Named entry = new Named("x");
    wheel.set(entry, 100);
    wheel.set(entry, 1_000);
    assertThat(wheel.size()).isEqualTo(1);
    pass(900);
    assertThat(met).isEmpty();
    pass(300);
    pass(ROUND_MILLIS);
    assertThat(met).containsExactly("x");
  }

  @Test
  void aCallbackMayCancelOthersThatAreDueWithIt() {
    Named[] entries = new Named[3];
    for (int i = 0; i < 3; i++) {
      entries[i] =
          new Named(
              String.valueOf(i),
              () -> {
                for (Named other : entries) {
                  wheel.cancel(other);
                }
              });
      wheel.set(entries[i], 100);
    }
    pass(1_000);
    assertThat(met).hasSize(1);
    assertThat(wheel.size()).isZero();
  }

  @Test
  void aCallbackMaySetItselfAndOthersAnew() {
    Named other = new Named("other");
    Named[] self = new Named[1];
    self[0] =
        new Named(
            "self",
            () -> {
              if (met.size() < 3) {
                wheel.set(self[0], ROUND_MILLIS); // the same slot again
                wheel.set(other, 100);
              }
            });
    wheel.set(self[0], 100);
    wheel.set(other, 100);
    for (int i = 0; i < 5; i++) {
      pass(ROUND_MILLIS + 200);
    }
    assertThat(met).filteredOn("self"::equals).hasSizeBetween(2, 3);
    assertThat(met).filteredOn("other"::equals).hasSizeBetween(2, 3);
    assertThat(wheel.size()).isZero();
  }

  @Test
  void aCallbackThatThrowsKeepsNobodyElseWaiting() {
    for (int i = 0; i < 4; i++) {
      boolean error = i % 2 == 0;
      wheel.set(
          new Named(
              "x",
              () -> {
                if (error) {
                  throw new AssertionError("broken");
                }
                throw new IllegalStateException("broken");
              }),
          100);
    }
    pass(1_000);
    assertThat(met).hasSize(4);
    assertThat(wheel.size()).isZero();
  }

  @Test
  void theLongestDelayIsFarAwayAndCanBeCancelled() {
    Named entry = new Named("x");
    wheel.set(entry, Long.MAX_VALUE);
    pass(100 * ROUND_MILLIS);
    assertThat(met).isEmpty();
    wheel.cancel(entry);
    assertThat(wheel.size()).isZero();
  }

  @Test
  void aDelayBelowNothingIsNothing() {
    wheel.set(new Named("x"), -5);
    pass(2 * Wheel.TICK_MILLIS);
    assertThat(met).containsExactly("x");
  }

  @Test
  void manyEntriesSetMovedAndCancelledAtRandomAreEachMetOnce() {
    Random random = new Random(2);
    List<Named> entries = new ArrayList<>();
    List<Long> due = new ArrayList<>(); // millis; -1: none
    long start = nanos;
    for (int i = 0; i < 300; i++) {
      int index = i;
      entries.add(
          new Named(
              "x",
              () -> {
                assertThat((nanos - start) / MILLI).isGreaterThanOrEqualTo(due.get(index));
                assertThat(due.get(index)).isNotNegative();
                due.set(index, -1L);
              }));
      due.add(-1L);
    }
    for (int step = 0; step < 50_000; step++) {
      int i = random.nextInt(entries.size());
      if (random.nextInt(3) == 0) {
        wheel.cancel(entries.get(i));
        due.set(i, -1L);
      } else {
        long delay = random.nextInt(60_000);
        wheel.set(entries.get(i), delay);
        due.set(i, (nanos - start) / MILLI + delay);
      }
      pass(random.nextInt(120));
      assertThat(wheel.size()).isEqualTo((int) due.stream().filter(d -> d >= 0).count());
    }
  }
}
