package io.posthaste.app;

import static io.posthaste.app.GuardedServer.grantJson;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.testkit.NatsServers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What may happen once happens once, though two servers of one log are asked at the same time. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TwoNodesAtOnceTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int TIMES = 10;

  @SuppressWarnings("NullAway.Init")
  private NatsServers nats;

  @SuppressWarnings("NullAway.Init")
  private GuardedServer one;

  @SuppressWarnings("NullAway.Init")
  private GuardedServer other;

  @BeforeAll
  void start(@TempDir Path data) throws IOException {
    nats = NatsServers.single();
    Map<String, List<String>> engine = Map.of("engine", List.of(nats.urls()));
    one = new GuardedServer(data.resolve("1"), engine);
    other = new GuardedServer(data.resolve("2"), engine);
    one.user("root", null);
  }

  @AfterAll
  void stop() throws IOException {
    one.close();
    other.close();
    nats.close();
  }

  /** Both answers' statuses, asked at once. */
  private static List<Integer> atOnce(Supplier<Integer> here, Supplier<Integer> there)
      throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    CompletableFuture<Integer> first = CompletableFuture.supplyAsync(() -> after(together, here));
    CompletableFuture<Integer> second = CompletableFuture.supplyAsync(() -> after(together, there));
    return List.of(first.get(60, TimeUnit.SECONDS), second.get(60, TimeUnit.SECONDS));
  }

  private static int after(CyclicBarrier together, Supplier<Integer> asking) {
    try {
      together.await(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return asking.get();
  }

  @Test
  void aTicketOpensOneStreamOnOneOfThem() throws Exception {
    one.user("alice", null);
    one.grant("alice", "read", "news");
    String key = one.key("alice");
    await().atMost(SOON).until(() -> other.get("/v1/updates?topic=news", key).status() == 200);
    for (int i = 0; i < TIMES; i++) {
      String ticket =
          one.ask("POST", "/v1/tickets", key, "{\"topics\":[\"news\"]}")
              .json()
              .path("ticket")
              .asText();
      String address = "/v1/updates?topic=news&ticket=" + ticket;

      assertThat(
              atOnce(
                  () -> one.get(address, null).status(), () -> other.get(address, null).status()))
          .containsExactlyInAnyOrder(200, 401);
      assertThat(other.get(address, null).body()).contains("the ticket was used");
    }
  }

  @Test
  void oneAdministratorStaysThoughEachIsToldToTakeTheOther() throws Exception {
    one.user("carol", null);
    for (int i = 0; i < TIMES; i++) {
      one.grant("carol", "administer", "#");
      await().atMost(SOON).until(() -> administers(other, "carol") && administers(other, "root"));

      List<Integer> answers = atOnce(() -> takenFrom(one, "root"), () -> takenFrom(other, "carol"));

      assertThat(answers).containsExactlyInAnyOrder(204, 409);
      String left = answers.get(0) == 409 ? "root" : "carol";
      await().atMost(SOON).until(() -> administers(one, left) && administers(other, left));
      one.grant("root", "administer", "#");
    }
  }

  private static int takenFrom(GuardedServer server, String id) {
    return server
        .ask("DELETE", "/v1/access/grants", server.operator, grantJson(id, "administer", "#"))
        .status();
  }

  private static boolean administers(GuardedServer server, String id) {
    for (JsonNode each : server.get("/v1/access/grants", server.operator).json().path("grants")) {
      if (each.path("user").asText().equals(id)) {
        return each.path("grants").findValuesAsText("right").contains("administer");
      }
    }
    return false;
  }
}
