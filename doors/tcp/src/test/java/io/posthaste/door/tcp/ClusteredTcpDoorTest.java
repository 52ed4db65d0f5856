package io.posthaste.door.tcp;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Log;
import io.posthaste.core.Policies;
import io.posthaste.engine.jetstream.JetStreamLog;
import io.posthaste.engine.jetstream.JetStreamOptions;
import io.posthaste.testkit.NatsServers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The TCP door keeps the contract of doors over the clustered log as well. */
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "takes minutes: with -Dlong=true")
final class ClusteredTcpDoorTest extends TcpDoorTest {
  private static final AtomicInteger LOGS = new AtomicInteger();
  private static @Nullable NatsServers nats;

  @BeforeAll
  static void startNats() throws IOException {
    nats = NatsServers.single();
  }

  @AfterAll
  static void stopNats() throws IOException {
    requireNonNull(nats).close();
  }

  @Override
  protected Duration stall() {
    return STALL.multipliedBy(4); // publishing is slower than in memory
  }

  /** A log that no test before has had. */
  @Override
  protected Log openLog(Policies policies) {
    return JetStreamLog.open(
        JetStreamOptions.of(List.of(requireNonNull(nats).urls()), policies)
            .withPrefix("tcp-" + LOGS.incrementAndGet()));
  }
}
