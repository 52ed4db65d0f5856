package io.posthaste.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Id;
import io.posthaste.core.LoneNode;
import io.posthaste.core.Payload;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What it costs to know who has what, as docs/config-who.md says it. */
final class AudienceMemoryTest {
  private static final int INSTANCES = 2_000;
  private static final int CONFIGS = 100;

  /** An entry as a door reads it from a request: with names of its own. */
  private record Entry(ConfigKey key, Md5 md5) implements Listened {}

  private static List<Entry> listing() {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < CONFIGS; i++) {
      entries.add(
          new Entry(new ConfigKey("public", "GROUP", "config-" + i), Md5.of(Payload.of("" + i))));
    }
    return entries;
  }

  private static long usedBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static Standing standing(ConfigKey key) {
    String number = key.name().substring("config-".length());
    return new Standing(
        Md5.of(Payload.of(number)), new Id("e", 0, 1 + Integer.parseInt(number)), 1_000);
  }

  @Test
  void aConfigOfAnInstanceCostsSomeHundredBytes() {
    try (Audience audience =
        new Audience(
            new LoneNode(), (key, who) -> standing(key), Clock.systemUTC(), Long.MAX_VALUE)) {
      long before = usedBytes();
      List<Follower> followers = new ArrayList<>();
      for (int i = 0; i < INSTANCES; i++) {
        Instance instance = Instance.at("10.0." + i / 256 + "." + i % 256, Map.of());
        Follower follower = audience.poll(instance, "nacos", new ConfigKey("public", "GROUP", "x"));
        follower.listensTo(listing());
        followers.add(follower);
      }
      assertThat(audience.holdings()).isEqualTo(INSTANCES * CONFIGS);
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                long each = (usedBytes() - before) / (INSTANCES * CONFIGS);
                System.out.println("bytes a config and instance: " + each);
                assertThat(each).isBetween(40L, 120L);
              });
      assertThat(followers).hasSize(INSTANCES); // alive until here
    }
  }
}
