package io.posthaste.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
  private static final long RUN_MILLIS = 23_000;
  private static final Set<Fault.Kind> ALL = EnumSet.allOf(Fault.Kind.class);

  @Test
  void isTheSameForTheSameSeedAndAnotherForAnother() {
    assertThat(Schedule.of(7, RUN_MILLIS, ALL)).isEqualTo(Schedule.of(7, RUN_MILLIS, ALL));
    assertThat(Schedule.of(7, RUN_MILLIS, ALL)).isNotEqualTo(Schedule.of(8, RUN_MILLIS, ALL));
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
    Set<Fault.Kind> kinds = EnumSet.noneOf(Fault.Kind.class);
    for (long seed = 1; seed <= 3; seed++) {
      List<Fault> faults = Schedule.of(seed, RUN_MILLIS, Fault.SURVIVED);
      assertThat(faults).hasSizeGreaterThanOrEqualTo(4);
      faults.forEach(fault -> kinds.add(fault.what()));
    }
    assertThat(kinds).isEqualTo(Fault.SURVIVED);
  }
}
