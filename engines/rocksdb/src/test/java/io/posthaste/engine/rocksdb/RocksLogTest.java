package io.posthaste.engine.rocksdb;

import io.posthaste.core.Log;
import io.posthaste.core.Policies;
import io.posthaste.testkit.DurableLogContract;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.io.TempDir;

final class RocksLogTest extends DurableLogContract {
  @TempDir Path directory;

  @Override
  protected Log open(Policies policies, InstantSource clock) {
    return RocksLog.open(
        RocksLog.Options.of(directory, policies)
            .withClock(clock)
            .withKeepEvery(Duration.ofMillis(20)));
  }

  @Override
  protected Log openAgain(Policies policies, InstantSource clock) {
    return open(policies, clock);
  }
}
