package io.posthaste.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
  private static final long RUN_MILLIS = ChaosTest.DEFAULT_SECONDS * 1_000L;
  private static final Set<Fault.Kind> ALL = EnumSet.allOf(Fault.Kind.class);

  @Test
  void isTheSameForTheSameSeedAndAnotherForAnother() {
    assertThat(Schedule.of(7, RUN_MILLIS, ALL)).isEqualTo(Schedule.of(7, RUN_MILLIS, ALL));
    assertThat(Schedule.of(7, RUN_MILLIS, ALL)).isNotEqualTo(Schedule.of(8, RUN_MILLIS, ALL));
  }

  /** Seeds that follow each other once all began with the same, and the leader hardly ever died. */
  @Test
  void eachKindComesFirstWithSomeOfAFewSeeds() {
    Set<Fault.Kind> first = EnumSet.noneOf(Fault.Kind.class);
    for (long seed = 1; seed <= 40; seed++) {
      first.add(Schedule.of(seed, RUN_MILLIS, ALL).get(0).what());
    }
    assertThat(first).isEqualTo(ALL);
  }

  @Test
  void noServerHasTwoFaultsAtOnce() {
    for (long seed = 0; seed < 500; seed++) {
      List<Fault> faults = Schedule.of(seed, 120_000, ALL);
      for (int i = 0; i < faults.size(); i++) {
        for (int j = 0; j < i; j++) {
          boolean apart =
              Collections.disjoint(faults.get(i).touched(), faults.get(j).touched())
                  || faults.get(j).endsMillis() < faults.get(i).beginsMillis();
          assertThat(apart).as("seed %d: %s and %s", seed, faults.get(j), faults.get(i)).isTrue();
        }
      }
    }
  }

  @Test
  void everythingGoesWrongWithinTheThreeShortSeeds() {
    for (Set<Fault.Kind> dealt : List.of(Fault.SURVIVED, ALL)) {
      Set<Fault.Kind> kinds = EnumSet.noneOf(Fault.Kind.class);
      for (long seed : ChaosTest.DEFAULT_SEEDS) {
        List<Fault> faults = Schedule.of(seed, RUN_MILLIS, dealt);
        assertThat(faults).hasSizeGreaterThanOrEqualTo(4);
        faults.forEach(fault -> kinds.add(fault.what()));
      }
      assertThat(kinds).isEqualTo(dealt);
    }
  }

  @Test
  void allKindsAreDealtToServersThatStandThem() {
    assertThat(List.of("2.9.10", "2.10.27")).noneMatch(Fault::areAllSurvivedBy);
    assertThat(List.of("2.11.0", "2.15.1", "2.12.0-RC.1", "3.0.0"))
        .allMatch(Fault::areAllSurvivedBy);
  }
}
