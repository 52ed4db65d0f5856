package io.posthaste.engine.jetstream;

import io.posthaste.core.Log;
import io.posthaste.core.Policies;
import io.posthaste.testkit.DurableLogContract;
import io.posthaste.testkit.NatsServers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The duties of every durable log, on one server. */
final class JetStreamLogTest extends DurableLogContract {
  private static final AtomicInteger LOGS = new AtomicInteger();
  private static @Nullable NatsServers servers;

  private String prefix = "none";

  @BeforeAll
  static void startServer() throws Exception {
    servers = NatsServers.single();
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (servers != null) {
      servers.close();
    }
  }

  private static NatsServers servers() {
    return java.util.Objects.requireNonNull(servers);
  }

  @Override
  protected Log open(Policies policies, InstantSource clock) {
    prefix = "log-" + LOGS.incrementAndGet();
    return openHere(policies, clock);
  }

  /** After the server was ended and started again: nothing is left in its memory. */
  @Override
  protected Log openAgain(Policies policies, InstantSource clock) throws Exception {
    servers().get(0).stop();
    servers().get(0).start();
    servers().get(0).awaitReady(Duration.ofSeconds(30));
    return openHere(policies, clock);
  }

  private Log openHere(Policies policies, InstantSource clock) {
    return JetStreamLog.open(
        JetStreamOptions.of(List.of(servers().urls()), policies)
            .withPrefix(prefix)
            .withClock(clock));
  }
}
