package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tickets: one stream of what they name, once. */
@Timeout(60)
final class TicketsTest {
  @TempDir private Path data;

  private static String ticket(GuardedServer server, String key, String topics) {
    GuardedServer.Answer answer =
        server.ask("POST", "/v1/tickets", key, "{\"topics\":[" + topics + "]}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return answer.json().path("ticket").asText();
  }

  @Test
  void opensWhatItNamesOnce() {
    try (GuardedServer server = new GuardedServer(data)) {
      server.user("root", null);
      server.user("alice", null);
      server.grant("alice", "read", "news/#");
      server.grant("alice", "publish", "news/#");
      String key = server.key("alice");
      String ticket = ticket(server, key, "\"news/today\"");

      assertThat(server.get("/v1/updates?topic=news/today&ticket=" + ticket, null).status())
          .isEqualTo(200);
      GuardedServer.Answer again =
          server.get("/v1/updates?topic=news/today&ticket=" + ticket, null);
      assertThat(again.status()).isEqualTo(401);
      assertThat(again.body()).contains("the ticket was used");

      String other = ticket(server, key, "\"news/today\"");
      assertThat(server.get("/v1/updates?topic=news/**&ticket=" + other, null).status())
          .isEqualTo(403);
      assertThat(
              server
                  .get("/v1/updates?topic=news/today&ticket=" + other.replace("pt_", "pt_x"), null)
                  .status())
          .isEqualTo(401);
    }
  }

  @Test
  void isGivenOnlyForWhatMayBeRead() {
    try (GuardedServer server = new GuardedServer(data)) {
      server.user("root", null);
      server.user("alice", null);
      String key = server.key("alice");

      assertThat(server.ask("POST", "/v1/tickets", key, "{\"topics\":[\"news/today\"]}").status())
          .isEqualTo(403);
      assertThat(server.ask("POST", "/v1/tickets", null, "{\"topics\":[\"news/today\"]}").status())
          .isEqualTo(401);
      assertThat(server.ask("POST", "/v1/tickets", key, "{\"topics\":[]}").status()).isEqualTo(400);
    }
  }
}
