package io.posthaste.testkit;

import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.core.SplitLog;
import java.time.InstantSource;

final class SplitLogTest extends LogContract {
  @Override
  protected Log open(Policies policies, InstantSource clock) {
    return new SplitLog(part(0, policies, clock), part(1, policies, clock), policies);
  }

  private static Log part(int partition, Policies policies, InstantSource clock) {
    return new MemoryLog(new MemoryLog.Options("split", partition, 0, policies, 64 << 20, clock));
  }
}
