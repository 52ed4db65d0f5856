package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.testkit.NatsServers;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is where, on servers that share one log, when one of them dies. */
final class PresenceInAClusterTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration GONE_WITHIN = Duration.ofSeconds(10);

  @TempDir private Path directory;

  private static HttpResponse<InputStream> stays(Child server, String name) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(
                URI.create(server.url() + "/v1/updates?topic=a&device=x&presence=room&as=" + name))
            .header("Accept", "text/event-stream")
            .build(),
        BodyHandlers.ofInputStream());
  }

  private static long there(Child server, String name) throws Exception {
    String topics = "%24presence/room/" + name + "/x&after=0&only=latest";
    String page =
        HTTP.send(
                HttpRequest.newBuilder(URI.create(server.url() + "/v1/updates?topic=" + topics))
                    .build(),
                BodyHandlers.ofString())
            .body();
    return page.contains("\"as\":\"" + name + "\"") ? 1 : 0;
  }

  @Test
  void whoWasOnAServerThatDiedIsGoneWithinTenSeconds() throws Exception {
    try (NatsServers nats = NatsServers.single();
        Child one = Child.serve(directory, "--engine", nats.urls());
        Child other = Child.serve(directory, "--engine", nats.urls());
        InputStream alice = stays(one, "alice").body();
        InputStream bob = stays(other, "bob").body()) {
      assertThat(alice.read()).isPositive();
      assertThat(bob.read()).isPositive();
      for (String name : new String[] {"alice", "bob"}) {
        await().atMost(Child.PATIENCE).until(() -> there(one, name) + there(other, name) == 2);
      }
      one.signal("KILL");
      one.awaitExit();
      await().atMost(GONE_WITHIN).until(() -> there(other, "alice") == 0);
      assertThat(there(other, "bob")).isEqualTo(1);
    }
  }
}
