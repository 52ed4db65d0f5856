package io.posthaste.door.nacos;

import static java.util.concurrent.TimeUnit.SECONDS;
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
import io.posthaste.core.Payload;
import io.posthaste.core.TopicPattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** The official clients of all lines, once somebody is known: by password, and by signature. */
final class ClientsAccessTest {
  private static final Actor OPERATOR = new Actor("operator", "", "cli");
  private static final Duration SOON = Duration.ofSeconds(60);

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(10, SECONDS);
  }

  @Test
  void eachMayWhatIsGrantedAndNoMoreOnceItsKeyIsRevoked() throws Exception {
    List<NacosClient> clients = new ArrayList<>();
    try (NacosServer server = new NacosServer()) {
      Administration administration = new Administration(server.access);
      now(administration.addAccount(OPERATOR, new Identity(Identity.Kind.USER, "boss"), null));
      now(administration.addAccount(OPERATOR, new Identity(Identity.Kind.SERVICE, "shop"), null));
      for (Right right : List.of(Right.READ, Right.PUBLISH)) {
        now(
            administration.grant(
                OPERATOR, "shop", new Grant(right, new TopicPattern("config/+/SHOP/#"))));
      }
      Change.KeyMade shown =
          (Change.KeyMade) now(administration.createKey(OPERATOR, "shop", "shown", Session.NEVER));
      Change.KeyMade signing =
          (Change.KeyMade)
              now(administration.createSigningKey(OPERATOR, "shop", "signs", Session.NEVER));
      List<Heard> heard = new ArrayList<>();
      try {
        for (ClientLine line : ClientLine.values()) {
          for (String space : List.of("", "dev")) {
            NacosClient byPassword =
                line.connect(
                    server.place(),
                    "username",
                    "shop",
                    "password",
                    shown.text(),
                    "namespace",
                    space);
            NacosClient bySignature =
                line.connect(
                    server.place(),
                    "accessKey",
                    signing.key(),
                    "secretKey",
                    signing.text(),
                    "namespace",
                    space);
            clients.add(byPassword);
            clients.add(bySignature);
            for (NacosClient client : List.of(byPassword, bySignature)) {
              String content = line + " in " + space;
              assertThat(client.publish("own", "SHOP", content, "text")).isTrue();
              assertThat(client.get("own", "SHOP")).isEqualTo(content);
              assertThat(isTaken(client)).isFalse();
            }
            if (line.isOverGrpc() && space.isEmpty()) {
              for (NacosClient client : List.of(byPassword, bySignature)) {
                heard.add(new Heard());
                client.listen("told", "SHOP", heard.get(heard.size() - 1));
              }
            }
          }
        }
        await().atMost(SOON).until(() -> server.door.listened() == heard.size());
        put(server, "1");
        await().atMost(SOON).until(() -> heard.stream().allMatch(h -> h.last().equals("1")));
        now(administration.revokeKey(OPERATOR, shown.key()));
        now(administration.revokeKey(OPERATOR, signing.key()));
        await().atMost(SOON).until(() -> server.door.listened() == 0); // and stays so
        put(server, "2");
        assertThat(heard).allMatch(h -> !h.contents.contains("2") && !h.contents.contains("null"));
      } finally {
        for (NacosClient client : clients) {
          client.close();
        }
      }
    }
  }

  /** Clients of 1.x throw what others answer. */
  private static boolean isTaken(NacosClient client) {
    try {
      return client.publish("other", "BANK", "1", "text");
    } catch (Exception refused) {
      return false;
    }
  }

  private static void put(NacosServer server, String content) throws Exception {
    now(
        server.configs.publish(
            new ConfigKey("", "SHOP", "told"),
            Payload.of(content),
            ConfigAttributes.NONE,
            Expected.ANYTHING));
  }
}
