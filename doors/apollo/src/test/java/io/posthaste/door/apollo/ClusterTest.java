package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.config.ConfigKey;
import io.posthaste.core.Log;
import io.posthaste.engine.jetstream.JetStreamLog;
import io.posthaste.engine.jetstream.JetStreamOptions;
import io.posthaste.testkit.NatsServers;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Two servers of one log. */
final class ClusterTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ConfigKey KEY = new ConfigKey("", "shop", "application.properties");

  private static ApolloServer server(NatsServers nats) throws Exception {
    Log log = JetStreamLog.open(JetStreamOptions.of(List.of(nats.urls()), ApolloServer.KEPT));
    return new ApolloServer(log, 0, ApolloOptions.DEFAULT, 1 << 20);
  }

  private static void post(ApolloServer server, String path, String json) throws Exception {
    var request = server.request(path).POST(BodyPublishers.ofString(json));
    assertThat(ApolloServer.send(request.build()).statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsReleasedOnOneNodeIsToldOnTheOtherByTheSameNames() throws Exception {
    try (NatsServers nats = NatsServers.single();
        ApolloServer one = server(nats);
        ApolloServer other = server(nats)) {
      one.publish(KEY, "a=1\n");
      await().atMost(SOON).until(() -> other.configs.stamp(KEY) == one.configs.stamp(KEY));
      long id = other.configs.stamp(KEY);
      String path = "/configs/shop/default/application";
      String key = one.json(path).path("releaseKey").asText();
      assertThat(other.get(path + "?releaseKey=" + key).statusCode()).isEqualTo(304);

      var poll =
          other.poll(
              "shop", "[{\"namespaceName\":\"application\",\"notificationId\":%d}]".formatted(id));
      await().atMost(SOON).until(() -> other.door.listened() == 1);
      String namespace = "/openapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/application/";
      post(one, namespace + "items", "{\"key\":\"b\",\"value\":\"2\"}");
      post(other, namespace + "releases", "{\"releaseTitle\":\"of the draft made there\"}");
      JsonNode told = Answers.JSON.readTree(poll.get(60, TimeUnit.SECONDS).body()).get(0);
      assertThat(told.path("notificationId").asLong()).isGreaterThan(id);
      // Whoever was told by one is given it by the other, even if that has not heard of it yet.
      String messages = ApolloServer.encode(told.path("messages").toString());
      assertThat(one.json(path + "?messages=" + messages).path("configurations").path("b").asText())
          .isEqualTo("2");

      post(
          one,
          "/openapi/v1/apps/shop/appnamespaces",
          "{\"name\":\"rates\",\"isPublic\":true,\"dataChangeCreatedBy\":\"ann\"}");
      one.publish("", "shop", "rates.properties", "eur=1\n");
      await()
          .atMost(SOON)
          .until(() -> other.get("/configs/bank/default/rates").statusCode() == 200);
    }
  }
}
