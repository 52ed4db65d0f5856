package io.posthaste.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineRunTest {
  @TempDir Path directory;

  @Test
  void everyWayStoresAndTellsItsRate() throws Exception {
    EngineRun run = new EngineRun(directory, Duration.ofMillis(100), 64, 100);

    assertThat(run.memory().perSecond()).isPositive();
    assertThat(run.raw(1, 32).perSecond()).isPositive();
    assertThat(run.hub(1).perSecond()).isPositive();
    EngineRun.Rate embedded = run.embedded(1);
    assertThat(embedded.perSecond()).isPositive();
    assertThat(embedded.group()).isBetween(1.0, 64.0);
  }
}
