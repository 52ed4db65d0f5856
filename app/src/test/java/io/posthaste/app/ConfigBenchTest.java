package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The measurement of configs, with few who wait. */
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "takes two minutes: with -Dlong=true")
final class ConfigBenchTest {
  @TempDir private Path directory;

  @Test
  void whoWaitsIsToldAndCounted() throws Exception {
    try (Child bench =
        Child.start(
            directory,
            "bench",
            "config",
            "--steps",
            "parked,apollo,many",
            "-c",
            "50",
            "--seconds",
            "1")) {
      assertThat(bench.awaitExit(Duration.ofMinutes(5)))
          .as("%s %s", bench.out(), bench.err())
          .isZero();
      assertThat(bench.out())
          .anyMatch(line -> line.startsWith("parked: 50 polls of one config"))
          .anyMatch(line -> line.startsWith("apollo: told after"))
          .anyMatch(line -> line.contains("5,000 polls") && line.contains("told 1,500"));
    }
  }
}
