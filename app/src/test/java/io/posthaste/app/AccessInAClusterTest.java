package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.testkit.NatsServers;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Who may what, on two servers of one log, and on those that no longer hear it. */
@Timeout(300)
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "waits for leases of 10 s; ./test --long runs it")
final class AccessInAClusterTest {
  private static final Duration LEASE = Duration.ofSeconds(10);

  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private Path data;

  @Test
  void isTheSameOnAllAndEndsWithTheLog() throws Exception {
    try (NatsServers nats = NatsServers.single();
        Balancer cable = new Balancer()) {
      cable.add(new InetSocketAddress("127.0.0.1", nats.get(0).port()));
      try (GuardedServer one = server("1", nats.urls());
          GuardedServer other = server("2", "nats://" + cable.place())) {
        one.user("root", null);
        one.user("alice", null);
        for (String topic : List.of("one", "two", "three")) {
          one.grant("alice", "read", topic);
        }
        String key = one.key("alice");
        await().atMost(SOON).until(() -> status(other, "three", key) == 200);

        Doors.Knock open = Doors.EVENTS.knock(other, key, "one");
        assertThat(open.answer()).isEqualTo("open");
        // Longer than the lease, with nothing to hear of access: it is still known to be heard.
        await()
            .during(LEASE.plusSeconds(2))
            .atMost(LEASE.plusSeconds(30))
            .until(() -> status(other, "two", key) == 200);
        assertThat(open.end()).isNotDone();
        one.revoke("alice", "read", "one");
        assertThat(open.end().get(10, TimeUnit.SECONDS)).isEqualTo("ended");
        assertThat(status(other, "one", key)).isEqualTo(403);

        // Cut off, with its connection still there: what is taken away meanwhile it cannot know.
        List<Doors.Knock> held = knocks(other, key);
        cable.hold();
        one.revoke("alice", "read", "two");
        for (Doors.Knock each : held) {
          assertThat(each.end().get(LEASE.toSeconds() + 30, TimeUnit.SECONDS)).isNotBlank();
        }
        assertThat(status(other, "two", key)).isEqualTo(503);
        assertThat(status(other, "three", key)).isEqualTo(503);
        assertThat(other.get("/v1/topics/three", null).status()).isEqualTo(503);
        assertThat(other.get("/readyz", null).status()).isEqualTo(503);
        assertThat(status(one, "three", key)).isEqualTo(200);

        cable.release();
        await().atMost(SOON).until(() -> status(other, "three", key) == 200);
        assertThat(status(other, "two", key)).isEqualTo(403);

        // The log stands still: nobody can know.
        Doors.Knock last = Doors.EVENTS.knock(other, key, "three");
        assertThat(last.answer()).isEqualTo("open");
        nats.get(0).freeze();
        assertThat(last.end().get(LEASE.toSeconds() + 30, TimeUnit.SECONDS)).isEqualTo("ended");
        for (GuardedServer each : List.of(one, other)) {
          await().atMost(SOON).until(() -> status(each, "three", key) == 503);
        }
        nats.get(0).thaw();
        for (GuardedServer each : List.of(one, other)) {
          await().atMost(SOON).until(() -> status(each, "three", key) == 200);
        }
      }
    }
  }

  private GuardedServer server(String name, String nats) {
    return new GuardedServer(data.resolve(name), Map.of("engine", List.of(nats)));
  }

  private static int status(GuardedServer server, String topic, String key) {
    return server.get("/v1/updates?topic=" + topic, key).status();
  }

  /** One that stays, by every door. */
  private static List<Doors.Knock> knocks(GuardedServer server, String key) throws Exception {
    List<Doors.Knock> all = new ArrayList<>();
    for (Doors door : Doors.values()) {
      if (door.stays()) {
        Doors.Knock knock = door.knock(server, key, "two");
        assertThat(knock.answer()).as("%s", door).isEqualTo("open");
        all.add(knock);
      }
    }
    return all;
  }
}
