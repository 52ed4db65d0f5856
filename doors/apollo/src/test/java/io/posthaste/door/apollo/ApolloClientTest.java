package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The official client, 2.4.0, unmodified. */
final class ApolloClientTest {
  @TempDir private Path directory;

  private static void make(ApolloServer server, String appId, String publicNamespace)
      throws Exception {
    String app =
        "{\"namespaces\":[{\"name\":\"%s\",\"isPublic\":true}]}".formatted(publicNamespace);
    server
        .hub
        .publish(Append.of(new Topic("$apollo/app/" + appId), "application/json", Payload.of(app)))
        .toCompletableFuture()
        .get();
  }

  @Test
  void loadsIsToldOfChangesAndKeepsACopy() throws Exception {
    ApolloServer server = new ApolloServer();
    String url = server.url();
    try (server;
        Client client = new Client("shop", url, directory, Map.of())) {
      make(server, "FX", "FX.apollo");
      server.publish(
          "", "shop", "application.properties", "# prices\nprice = 1\nname=\\u4e2d文 a\n");
      server.publish("", "shop", "shop.yaml", "a: 1\n");
      server.publish("", "FX", "FX.apollo.properties", "timeout=100\nretries=3\n");
      server.publish("", "shop", "FX.apollo.properties", "timeout=200\n");

      assertThat(client.ask("get application price")).isEqualTo("1");
      assertThat(client.ask("get application name")).isEqualTo("中文 a");
      assertThat(client.ask("get application none")).isEqualTo("absent");
      assertThat(client.ask("source application")).isEqualTo("REMOTE");
      assertThat(client.ask("file shop yaml")).isEqualTo("a: 1\n");
      assertThat(client.ask("get fx.APOLLO timeout")).isEqualTo("200");
      assertThat(client.ask("get fx.APOLLO retries")).isEqualTo("3");
      assertThat(client.ask("source absent")).isEqualTo("NONE");

      for (String namespace : new String[] {"application", "fx.APOLLO", "absent"}) {
        assertThat(client.ask("watch " + namespace)).isEqualTo("watching");
      }
      server.publish("", "shop", "application.properties", "price=2\nnew=x\n");
      client.awaitEvent("application price MODIFIED 2");
      client.awaitEvent("application new ADDED x");
      client.awaitEvent("application name DELETED null");
      server.publish("", "FX", "FX.apollo.properties", "timeout=100\nretries=4\n");
      client.awaitEvent("fx.APOLLO retries MODIFIED 4");
      server.publish("", "shop", "Absent.properties", "now=here\n");
      client.awaitEvent("absent now ADDED here");
      assertThat(client.events).hasSize(5);
    }
    try (Client client = new Client("shop", url, directory, Map.of())) {
      assertThat(client.ask("get application price")).isEqualTo("2");
      assertThat(client.ask("source application")).isEqualTo("LOCAL");
    }
  }

  @Test
  void followsMoreThanAHundredNamespacesInOnePoll() throws Exception {
    try (ApolloServer server = new ApolloServer();
        Client client = new Client("many", server.url(), directory, Map.of())) {
      for (int i = 0; i < 150; i++) {
        server.publish("", "many", "some-longer-name-" + i + ".properties", "k=1\n");
      }
      assertThat(client.ask("many some-longer-name- 150")).isEqualTo("got");
      assertThat(client.ask("watch some-longer-name-149")).isEqualTo("watching");
      org.awaitility.Awaitility.await()
          .atMost(java.time.Duration.ofSeconds(60))
          .until(() -> server.door.listened() == 150);
      server.publish("", "many", "some-longer-name-149.properties", "k=2\n");
      client.awaitEvent("some-longer-name-149 k MODIFIED 2");
    }
  }
}
