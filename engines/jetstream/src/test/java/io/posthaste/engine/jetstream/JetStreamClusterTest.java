package io.posthaste.engine.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.posthaste.core.Log;
import io.posthaste.core.Policies;
import io.posthaste.testkit.DurableLogContract;
import io.posthaste.testkit.NatsServer;
import io.posthaste.testkit.NatsServers;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The duties of every durable log, on three servers, each stream on all of them. */
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason =
        "a hundred logs of ten streams with three replicas take some ten minutes: ./test --long")
final class JetStreamClusterTest extends DurableLogContract {
  private static final AtomicInteger LOGS = new AtomicInteger();
  private static @Nullable NatsServers servers;

  private String prefix = "none";

  @BeforeAll
  static void startServer() throws Exception {
    servers = NatsServers.cluster();
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

  /**
   * A hundred logs of ten streams, each with an election of its own, would be too much for one
   * machine.
   */
  @AfterEach
  void removeStreams() throws Exception {
    try (Connection connection = Nats.connect(servers().get(0).url())) {
      JetStreamManagement management = connection.jetStreamManagement();
      for (CompletableFuture<Boolean> removed :
          management.getStreamNames().stream()
              .map(stream -> CompletableFuture.supplyAsync(() -> remove(management, stream)))
              .toList()) {
        assertThat(removed.get()).isTrue();
      }
    }
  }

  private static boolean remove(JetStreamManagement management, String stream) {
    try {
      return management.deleteStream(stream);
    } catch (IOException | JetStreamApiException e) {
      throw new AssertionError(stream, e);
    }
  }

  @Override
  protected Log open(Policies policies, InstantSource clock) {
    prefix = "log-" + LOGS.incrementAndGet();
    return openHere(policies, clock);
  }

  /** After all servers were ended and started again: nothing is left in their memory. */
  @Override
  protected Log openAgain(Policies policies, InstantSource clock) throws Exception {
    for (NatsServer server : servers().servers()) {
      server.stop();
    }
    for (NatsServer server : servers().servers()) {
      server.start();
    }
    servers().awaitReady();
    return openHere(policies, clock);
  }

  private Log openHere(Policies policies, InstantSource clock) {
    return JetStreamLog.open(
        JetStreamOptions.of(List.of(servers().urls().split(",")), policies)
            .withPrefix(prefix)
            .withClock(clock));
  }
}
