package io.posthaste.app;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The shop and the news at a real server. */
final class ShopTest {
  private final SettableClock clock = new SettableClock();
  private final DemoServer server = DemoServer.start("memory", 0, Path.of("unused"), clock);

  @AfterEach
  void end() {
    server.close();
  }

  private String order(String item) throws Exception {
    HttpResponse<String> taken = server.post("/demo/shop/orders", "{\"item\":\"" + item + "\"}");
    assertThat(taken.statusCode()).as(taken.body()).isEqualTo(201);
    return Json.read(taken.body()).path("topic").asText();
  }

  private List<String> states(String topic) throws Exception {
    return server.messages(topic).stream()
        .map(message -> message.path("data").path("state").asText())
        .toList();
  }

  @Test
  void paymentIsPendingAndThenPaidOrDeclinedForGood() throws Exception {
    String stamps = order("stamps");
    String horn = order("horn");
    assertThat(states(stamps)).startsWith("pending");

    await().atMost(20, SECONDS).until(() -> states(stamps).equals(List.of("pending", "paid")));
    await().atMost(20, SECONDS).until(() -> states(horn).equals(List.of("pending", "declined")));
    JsonNode declined = server.messages(horn).get(1).path("data");
    assertThat(declined.path("why").asText()).contains("limit");
    String topic = "/v1/topics/" + horn.replace("$", "%24");
    assertThat(server.post(topic, "{\"state\":\"paid\"}").statusCode()).isEqualTo(403);
  }

  @Test
  void ordersAreLimited() throws Exception {
    for (int i = 0; i < 20; i++) {
      order("postcard");
    }

    assertThat(server.post("/demo/shop/orders", "{\"item\":\"postcard\"}").statusCode())
        .isEqualTo(429);
    clock.advance(Duration.ofSeconds(1));
    order("postcard");
  }

  @Test
  void whatIsNotSoldIsRefused() throws Exception {
    for (String body :
        List.of("", "[]", "{}", "{\"item\":1}", "{\"item\":\"moon\"}", "{\"item\"")) {
      assertThat(server.post("/demo/shop/orders", body).statusCode()).as(body).isEqualTo(400);
    }
  }

  @Test
  void newsIsMadeUp() throws Exception {
    await().atMost(20, SECONDS).until(() -> server.messages("demo/news").size() >= 1);

    assertThat(server.messages("demo/news"))
        .extracting(message -> message.path("data").path("text").asText())
        .doesNotContain("");
  }

  @Test
  void nobodyFillsTheDemosTopics() throws Exception {
    assertThat(
            server.post("/v1/topics/demo/chat/lobby", "\"" + "x".repeat(5_000) + "\"").statusCode())
        .isEqualTo(413);
    assertThat(server.post("/v1/topics/demo/news", "\"" + "x".repeat(5_000) + "\"").statusCode())
        .isEqualTo(413);
  }
}
