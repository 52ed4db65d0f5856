package io.posthaste.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
  private static final long RUN_MILLIS = 23_000;

  @Test
  void isTheSameForTheSameSeedAndAnotherForAnother() {
    assertThat(Schedule.of(7, RUN_MILLIS)).isEqualTo(Schedule.of(7, RUN_MILLIS));
    assertThat(Schedule.of(7, RUN_MILLIS)).isNotEqualTo(Schedule.of(8, RUN_MILLIS));
  }

  @Test
  void noServerHasTwoFaultsAtOnce() {
    for (long seed = 0; seed < 500; seed++) {
      List<Fault> faults = Schedule.of(seed, 120_000);
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
      List<Fault> faults = Schedule.of(seed, RUN_MILLIS);
      assertThat(faults).hasSizeGreaterThanOrEqualTo(4);
      faults.forEach(fault -> kinds.add(fault.what()));
    }
    assertThat(kinds).containsExactlyInAnyOrder(Fault.Kind.values());
  }
}
