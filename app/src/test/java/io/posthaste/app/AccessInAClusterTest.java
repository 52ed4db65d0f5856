package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.testkit.NatsServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Who may what, on two servers of one log, and on one that no longer hears it. */
@Timeout(120)
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "waits for leases of 10 s; ./test --long runs it")
final class AccessInAClusterTest {
  private static final Duration LEASE = Duration.ofSeconds(10);

  @TempDir private Path data;

  @Test
  void isTheSameOnAllAndEndsWithTheLog() throws Exception {
    try (NatsServers nats = NatsServers.single()) {
      Map<String, List<String>> engine =
          Map.of("engine", List.of(nats.urls()), "drain", List.of("0s"));
      try (GuardedServer one = new GuardedServer(data.resolve("1"), engine);
          GuardedServer other = new GuardedServer(data.resolve("2"), engine)) {
        one.user("root", null);
        one.user("alice", null);
        one.grant("alice", "read", "one");
        one.grant("alice", "read", "two");
        String key = one.key("alice");
        await()
            .atMost(Duration.ofSeconds(5))
            .until(() -> other.get("/v1/updates?topic=two", key).status() == 200);

        Doors.Knock open = Doors.EVENTS.knock(other, key, "one");
        assertThat(open.answer()).isEqualTo("open");
        // Longer than the lease, with nothing to hear of access: it is still known to be heard.
        await()
            .during(LEASE.plusSeconds(2))
            .atMost(LEASE.plusSeconds(6))
            .until(() -> other.get("/v1/updates?topic=two", key).status() == 200);
        assertThat(open.end()).isNotDone();

        one.revoke("alice", "read", "one");
        assertThat(open.end().get(3, TimeUnit.SECONDS)).isEqualTo("ended");
        assertThat(other.get("/v1/updates?topic=one", key).status()).isEqualTo(403);

        Doors.Knock last = Doors.EVENTS.knock(other, key, "two");
        assertThat(last.answer()).isEqualTo("open");
        nats.servers().get(0).kill();
        assertThat(last.end().get(LEASE.toSeconds() + 8, TimeUnit.SECONDS)).isEqualTo("ended");
        assertThat(other.get("/v1/topics/two", key).status()).isEqualTo(503);
      }
    }
  }
}
