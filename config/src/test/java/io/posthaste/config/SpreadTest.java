package io.posthaste.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A spread against the sorted times that it was made of. */
final class SpreadTest {
  @Test
  void isAtMostAnEighthOffAndNeverTooEarlyAlsoWhenPutTogether() throws Exception {
    Random random = new Random(Long.getLong("posthaste.seed", 5));
    for (int round = 0; round < 200; round++) {
      int[] times = new int[1 + random.nextInt(500)];
      Spread one = new Spread();
      Spread other = new Spread();
      int range = 1 << (1 + random.nextInt(19));
      for (int i = 0; i < times.length; i++) {
        times[i] = random.nextInt(range);
        (random.nextBoolean() ? one : other).add(times[i]);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      other.write(new DataOutputStream(bytes));
      one.add(Spread.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))));
      Arrays.sort(times);
      assertThat(one.count()).isEqualTo(times.length);
      assertThat(one.first()).isEqualTo(times[0]);
      assertThat(one.last()).isEqualTo(times[times.length - 1]);
      for (int percent : new int[] {1, 50, 99, 100}) {
        int exact = times[(times.length * percent + 99) / 100 - 1];
        assertThat(one.within(percent)).isBetween(exact, exact + exact / 8);
      }
    }
  }

  @Test
  void whatTookForEverIsCountedAsTheLongest() {
    Spread spread = new Spread();
    spread.add(Long.MAX_VALUE);
    spread.add(-5); // clocks of two nodes differ
    assertThat(spread.last()).isEqualTo(Spread.LONGEST_MILLIS);
    assertThat(spread.first()).isZero();
    assertThat(spread.within(99)).isEqualTo(Spread.LONGEST_MILLIS);
  }
}
