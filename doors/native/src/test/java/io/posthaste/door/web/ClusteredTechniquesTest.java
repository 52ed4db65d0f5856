package io.posthaste.door.web;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Log;
import io.posthaste.core.Policies;
import io.posthaste.engine.jetstream.JetStreamLog;
import io.posthaste.engine.jetstream.JetStreamOptions;
import io.posthaste.testkit.DoorContract;
import io.posthaste.testkit.DoorServer;
import io.posthaste.testkit.NatsServers;
import io.posthaste.testkit.StreamingDoorContract;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Techniques keep the contract of doors over the clustered log as well, of one nats-server. */
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "takes minutes: with -Dlong=true")
final class ClusteredTechniquesTest {
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

  /** A log that no test before has had. */
  private static Log open(Policies policies) {
    return JetStreamLog.open(
        JetStreamOptions.of(List.of(requireNonNull(nats).urls()), policies)
            .withPrefix("doors-" + LOGS.incrementAndGet()));
  }

  @Nested
  final class LongPoll extends DoorContract {
    @Override
    protected Log openLog(Policies policies) {
      return open(policies);
    }

    @Override
    protected Duration stall() {
      return STALL.multipliedBy(4); // publishing is slower than in memory
    }

    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(log, stall, Clients.ALL.get("long poll"));
    }

    @Override
    protected Map<String, String> malformed() {
      return TechniquesTest.ofPolls();
    }
  }

  @Nested
  final class ServerSentEvents extends StreamingDoorContract {
    @Override
    protected Log openLog(Policies policies) {
      return open(policies);
    }

    @Override
    protected Duration stall() {
      return STALL.multipliedBy(4); // publishing is slower than in memory
    }

    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(log, stall, Clients.ALL.get("SSE"));
    }

    @Override
    protected Map<String, String> malformed() {
      return TechniquesTest.ofStreams("", TechniquesTest.SSE);
    }
  }

  @Nested
  final class WebSocket extends StreamingDoorContract {
    @Override
    protected Log openLog(Policies policies) {
      return open(policies);
    }

    @Override
    protected Duration stall() {
      return STALL.multipliedBy(4); // publishing is slower than in memory
    }

    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(log, stall, Clients.ALL.get("WebSocket"));
    }

    @Override
    protected Map<String, String> malformed() {
      return TechniquesTest.ofStreams("", TechniquesTest.UPGRADE);
    }
  }
}
