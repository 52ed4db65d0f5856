package io.posthaste.engine.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.MalformedException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BeatTest {
  private static Beat beat(int topics) {
    Map<String, Long> appended = new HashMap<>();
    for (int i = 0; i < topics; i++) {
      appended.put("users/" + i + "/inbox/\ud83d" + (i % 2 == 0 ? "\ude00" : "\ude01"), (long) i);
    }
    return new Beat(
        "node",
        42,
        true,
        Map.of(0, new Beat.Part(17, appended), 3, new Beat.Part(0, Map.of("a", 0L))));
  }

  @Test
  void aBeatIsReadAsItWasSaid() {
    for (int topics : new int[] {0, 1, 2, 1_000}) {
      assertThat(Beat.of(beat(topics).toBytes())).isEqualTo(beat(topics));
    }
  }

  @Test
  void tenThousandTopicsTakeLittle() {
    assertThat(beat(10_000).toBytes()).hasSizeLessThan(100_000);
  }

  @Test
  void whatIsNoBeatIsRefusedAndNothingElseHappens() {
    long seed = Long.getLong("posthaste.seed", System.nanoTime());
    System.out.println("broken beats: -Dposthaste.seed=" + seed);
    Random random = new Random(seed);
    byte[] good = beat(20).toBytes();
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bad = good.clone();
      for (int j = 0; j <= random.nextInt(4); j++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      byte[] cut = java.util.Arrays.copyOf(bad, random.nextInt(bad.length + 1));
      for (byte[] bytes : new byte[][] {bad, cut}) {
        try {
          Beat.of(bytes);
        } catch (MalformedException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isPositive();
  }
}
