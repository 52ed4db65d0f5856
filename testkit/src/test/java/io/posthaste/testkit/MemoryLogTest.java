package io.posthaste.testkit;

import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import java.time.InstantSource;

final class MemoryLogTest extends LogContract {
  @Override
  protected Log open(Policies policies, InstantSource clock) {
    return new MemoryLog(MemoryLog.Options.of(policies).withClock(clock));
  }
}
