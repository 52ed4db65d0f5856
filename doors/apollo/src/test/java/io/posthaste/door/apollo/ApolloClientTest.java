package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.access.Actor;
import io.posthaste.access.Administration;
import io.posthaste.access.Change;
import io.posthaste.access.Grant;
import io.posthaste.access.Identity;
import io.posthaste.access.Right;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Expected;
import io.posthaste.config.GrayKey;
import io.posthaste.config.GrayMatch;
import io.posthaste.config.GrayRule;
import io.posthaste.core.Append;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
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
    // A client asks for a namespace that it has not asked for by its next poll.
    ApolloServer server =
        new ApolloServer(new ApolloOptions("DEV", Duration.ofSeconds(3), Duration.ZERO, Set.of()));
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

      // more than a hundred namespaces in one poll, which other servers' limits cut off
      assertThat(client.ask("many some-longer-name- 150")).isEqualTo("got");
      assertThat(client.ask("watch some-longer-name-149")).isEqualTo("watching");
      await().atMost(Duration.ofSeconds(60)).until(() -> server.door.listened() > 150);
      server.publish("", "shop", "some-longer-name-149.properties", "k=1\n");
      client.awaitEvent("some-longer-name-149 k ADDED 1");
    }
    try (Client client = new Client("shop", url, directory, Map.of())) {
      assertThat(client.ask("get application price")).isEqualTo("2");
      assertThat(client.ask("source application")).isEqualTo("LOCAL");
    }
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @Test
  void provesByItsAccessKeyWhoItIsAndSeesTheGrayVersionOfItsLabel() throws Exception {
    Actor operator = new Actor("operator", "", "cli");
    try (ApolloServer server = new ApolloServer()) {
      Administration administration = new Administration(server.access);
      now(administration.addAccount(operator, new Identity(Identity.Kind.USER, "admin"), null));
      now(administration.addAccount(operator, new Identity(Identity.Kind.SERVICE, "shop"), null));
      now(
          administration.grant(
              operator, "shop", new Grant(Right.READ, new TopicPattern("config/+/shop/#"))));
      Change.KeyMade key =
          (Change.KeyMade)
              now(administration.createSigningKey(operator, "shop", "test", Session.NEVER));
      server.publish("", "shop", "application.properties", "price=1\n");
      server.publish("", "bank", "application.properties", "price=1\n");
      assertThat(server.get("/configs/shop/default/application").statusCode()).isEqualTo(401);
      Map<String, String> more =
          Map.of("apollo.access-key.secret", key.text(), "apollo.label", "canary");
      try (Client client = new Client("shop", server.url(), directory, more)) {
        assertThat(client.ask("get application price")).isEqualTo("1");
        assertThat(client.ask("watch application")).isEqualTo("watching");
        await().atMost(Duration.ofSeconds(60)).until(() -> server.door.listened() == 1);
        server.publish("", "shop", "application.properties", "price=2\n");
        client.awaitEvent("application price MODIFIED 2");

        GrayKey gray = new GrayKey(new ConfigKey("", "shop", "application.properties"), "canary");
        server
            .configs
            .grays()
            .start(
                gray,
                Payload.of("price=9\n"),
                ConfigAttributes.NONE,
                GrayRule.of(100, GrayMatch.label(Asked.LABEL, "canary")),
                List.of(),
                Duration.ZERO,
                Expected.ANYTHING);
        client.awaitEvent("application price MODIFIED 9");
        server.configs.grays().abort(gray, ConfigAttributes.NONE, Expected.ANYTHING);
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> client.ask("get application price").equals("2"));
      }
    }
  }
}
