package io.posthaste.door.apollo;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import io.posthaste.config.Instance;
import io.posthaste.core.Payload;
import io.posthaste.core.TopicPattern;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one may see another may not. */
final class SeenTest {
  private static final Actor OPERATOR = new Actor("operator", "", "cli");
  private static final Duration SOON = Duration.ofSeconds(30);

  private ApolloServer server;

  @BeforeEach
  void start() throws Exception {
    server = new ApolloServer();
    now(
        new Administration(server.access)
            .addAccount(OPERATOR, new Identity(Identity.Kind.USER, "first"), null));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, SECONDS);
  }

  private static ConfigKey key(String name) {
    return new ConfigKey("", "shop", name);
  }

  private void publish(String name) {
    server.publish(key(name), "a=1\n");
  }

  /** The key of a user who may read one topic. */
  private String reader(String id, String topic) throws Exception {
    Administration administration = new Administration(server.access);
    now(administration.addAccount(OPERATOR, new Identity(Identity.Kind.SERVICE, id), null));
    now(administration.grant(OPERATOR, id, new Grant(Right.READ, new TopicPattern(topic))));
    return ((Change.KeyMade) now(administration.createKey(OPERATOR, id, "test", Session.NEVER)))
        .text();
  }

  private CompletableFuture<HttpResponse<String>> get(String path, String key) {
    return ApolloServer.sendAsync(
        server.request(path).header("Authorization", "Bearer " + key).build());
  }

  private CompletableFuture<HttpResponse<String>> park(String namespace, long known, String key) {
    String one = "[{\"namespaceName\":\"%s\",\"notificationId\":%d}]".formatted(namespace, known);
    CompletableFuture<HttpResponse<String>> poll =
        get(
            "/notifications/v2?appId=shop&cluster=default&notifications="
                + ApolloServer.encode(one),
            key);
    await().atMost(SOON).until(() -> server.door.listened() == 1 || poll.isDone());
    assertThat(poll).isNotDone();
    return poll;
  }

  @Test
  void whatWasFoundIsReadOrNothingIs() throws Exception {
    publish("application.properties");
    Instance one = Instance.at("127.0.0.1", Map.of("room", "1"));
    List<Places.Found> found =
        List.of(
            new Places.Found(
                key("application.properties"),
                server.configs.view(key("application.properties")).of(one).orElseThrow()));
    NamespaceName name = NamespaceName.of("application");
    ContentReader reader = new ContentReader(server.configs);
    assertThat(now(reader.read(name, found, one)).values()).containsEntry("a", "1");

    now(
        server
            .configs
            .grays()
            .start(
                new GrayKey(key("application.properties"), "beta"),
                Payload.of("a=2\n"),
                ConfigAttributes.NONE,
                GrayRule.of(100, GrayMatch.label("room", "1")),
                List.of(),
                Duration.ZERO,
                Expected.ANYTHING));
    CompletionStage<Content> late = reader.read(name, found, one);
    assertThatThrownBy(late.toCompletableFuture()::join).matches(ContentReader::isOutdated);
  }

  @Test
  void toReadOneSpellingIsNotToReadAnother() throws Exception {
    publish("Admin.properties");
    String key = reader("ann", "config/public/shop/admin.properties");
    assertThat(now(get("/configs/shop/default/admin", key)).statusCode()).isEqualTo(404);
    assertThat(now(get("/configs/shop/default/Admin", key)).statusCode()).isEqualTo(403);
    var poll = park("admin", -1, key);
    publish("Admin.properties");
    publish("admin.properties");
    assertThat(now(poll).body())
        .contains("\"notificationId\":" + server.configs.stamp(key("admin.properties")));
    assertThat(now(get("/configs/shop/default/admin", key)).statusCode()).isEqualTo(200);
  }

  @Test
  void aPollGoesOnWhenSomebodyElseIsGrantedSomething() throws Exception {
    publish("FX.properties");
    String key = reader("ann", "config/public/shop/FX.properties");
    var poll = park("FX", server.configs.stamp(key("FX.properties")), key);
    reader("bob", "config/public/shop/other");
    publish("FX.properties");
    assertThat(now(poll).statusCode()).isEqualTo(200);
  }
}
