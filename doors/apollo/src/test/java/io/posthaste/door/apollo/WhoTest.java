package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.config.AudiencePage;
import io.posthaste.config.AudienceQuery;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Expected;
import io.posthaste.config.Followership;
import io.posthaste.config.GrayKey;
import io.posthaste.config.GrayMatch;
import io.posthaste.config.GrayRule;
import io.posthaste.core.Payload;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Who has what, seen from what clients ask anyway. */
final class WhoTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ConfigKey KEY = new ConfigKey("", "shop", "application.properties");
  private static final String PATH = "/configs/shop/default/application";

  private ApolloServer server;

  @BeforeEach
  void start() throws Exception {
    server = new ApolloServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private AudiencePage who(ConfigKey key) throws Exception {
    return server
        .configs
        .audience()
        .find(AudienceQuery.of(key, 100))
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  private List<Followership> followers() throws Exception {
    return who(KEY).followers();
  }

  /** As a client asks: its key of what it got. */
  private String get(String address, String label, String had) throws Exception {
    HttpResponse<String> answer =
        server.get(
            PATH
                + "?ip="
                + address
                + (label.isEmpty() ? "" : "&label=" + label)
                + (had.isEmpty() ? "" : "&releaseKey=" + ApolloServer.encode(had)));
    return answer.statusCode() == 304
        ? had
        : Answers.JSON.readTree(answer.body()).path("releaseKey").asText();
  }

  private CompletableFuture<HttpResponse<String>> poll(String address, long id) {
    String path =
        "/notifications/v2?appId=shop&cluster=default&ip=%s&notifications=%s"
            .formatted(
                address,
                ApolloServer.encode(
                    "[{\"namespaceName\":\"application\",\"notificationId\":%d}]".formatted(id)));
    return ApolloServer.sendAsync(server.request(path).build());
  }

  /** Polls, and waits until that is parked. */
  private CompletableFuture<HttpResponse<String>> park(String address) {
    int before = server.door.listened();
    var poll = poll(address, server.configs.stamp(KEY));
    await().atMost(SOON).until(() -> server.door.listened() == before + 1);
    return poll;
  }

  /** Has it be there for as long as the test takes, also on a machine that stands still. */
  private void keepPolling(String address, String cluster) {
    int before = server.door.listened();
    String path =
        "/notifications/v2?appId=shop&cluster=%s&ip=%s&notifications=%s"
            .formatted(
                cluster,
                address,
                ApolloServer.encode("[{\"namespaceName\":\"never\",\"notificationId\":-1}]"));
    ApolloServer.sendAsync(server.request(path).build());
    await().atMost(SOON).until(() -> server.door.listened() > before);
  }

  @Test
  void whatAClientIsToldAndFetchesAndSaysToHaveIsKnown() throws Exception {
    server.publish(KEY, "a=1\n");
    String had = get("10.0.0.7", "", "");
    assertThat(followers()).isEmpty(); // whoever gets only is not listening

    keepPolling("10.0.0.7", "default");
    assertThat(poll("10.0.0.7", -1).get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    get("10.0.0.7", "", had);
    assertThat(followers())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.instance().address()).isEqualTo("10.0.0.7");
              assertThat(one.instance().application()).isEqualTo("shop");
              assertThat(one.door()).isEqualTo("apollo");
              assertThat(one.isConfirmed()).isTrue();
              assertThat(one.isCurrent()).isTrue();
              assertThat(one.told()).isNull();
              assertThat(one.afterMillis()).isNegative(); // it came with that
            });

    var poll = park("10.0.0.7");
    server.publish(KEY, "a=2\n");
    poll.get(60, TimeUnit.SECONDS);
    assertThat(followers())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.isCurrent()).isFalse();
              assertThat(one.told())
                  .isEqualTo(server.configs.view(KEY).of(one.instance()).get().id());
            });
    assertThat(who(KEY).behind()).isEqualTo(1);

    String has = get("10.0.0.7", "", had);
    assertThat(has).isNotEqualTo(had);
    assertThat(followers())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.isCurrent()).isTrue();
              assertThat(one.isConfirmed()).isFalse();
              assertThat(one.afterMillis()).isNotNegative();
              assertThat(one.id()).hasToString(has);
            });
    assertThat(who(KEY).spreadings().get(0).had().count()).isEqualTo(1);
    assertThat(who(KEY).spreadings().get(0).told().count()).isEqualTo(1);
    get("10.0.0.7", "", has);
    assertThat(followers()).singleElement().matches(Followership::isConfirmed);
  }

  @Test
  void whoCameAfterARestartIsKnownByWhatItSaysToHaveHad() throws Exception {
    server.publish(KEY, "a=1\n");
    String had = get("10.0.0.7", "", "");
    keepPolling("10.0.0.7", "default");
    var poll = park("10.0.0.7"); // with the number that it knew before
    assertThat(followers()).isEmpty();
    server.publish(KEY, "a=2\n");
    poll.get(60, TimeUnit.SECONDS);
    get("10.0.0.7", "", had);
    assertThat(who(KEY).spreadings().get(0).had().count()).isEqualTo(1);

    park("10.0.0.8");
    get("10.0.0.8", "", "20260101-of-another-server");
    assertThat(who(KEY).instances()).isEqualTo(2);
    assertThat(who(KEY).spreadings().get(0).had().count()).isEqualTo(1);
  }

  @Test
  void labelsAreTwoInstancesAndEachIsJudgedByWhatItShouldSee() throws Exception {
    server.publish(KEY, "a=1\n");
    keepPolling("10.0.0.7", "default");
    park("10.0.0.7");
    String plain = get("10.0.0.7", "", "");
    String canary = get("10.0.0.7", "canary", "");
    assertThat(who(KEY).instances()).isEqualTo(2);
    GrayKey gray = new GrayKey(KEY, "canary");
    server
        .configs
        .grays()
        .start(
            gray,
            Payload.of("a=9\n"),
            ConfigAttributes.NONE,
            GrayRule.of(100, GrayMatch.label(Asked.LABEL, "canary")),
            List.of(),
            Duration.ZERO,
            Expected.ANYTHING)
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
    await().atMost(SOON).until(() -> who(KEY).behind() == 1);
    await().atMost(SOON).until(() -> server.door.listened() == 1); // who polls is told
    get("10.0.0.7", "", plain);
    assertThat(who(KEY).behind()).isEqualTo(1);
    assertThat(followers())
        .filteredOn(one -> one.instance().labels().isEmpty())
        .singleElement()
        .matches(one -> one.told() == null, "was not told of what is for others");
    get("10.0.0.7", "canary", canary);
    assertThat(who(KEY).behind()).isZero();
  }

  @Test
  void aProcessThatIsStartedAnewWithAnotherLabelIsOne() throws Exception {
    server.publish(KEY, "a=1\n");
    park("10.0.0.7");
    get("10.0.0.7", "", "");
    get("10.0.0.7", "canary", "");
    assertThat(followers())
        .singleElement()
        .satisfies(one -> assertThat(one.instance().labels()).containsEntry(Asked.LABEL, "canary"));
  }

  @Test
  void whatIsSeenOfIsWhereItCameFrom() throws Exception {
    ConfigKey other = new ConfigKey("sh", "shop", "Application.properties");
    server.publish(KEY, "a=1\n");
    String path =
        "/notifications/v2?appId=shop&cluster=sh&ip=10.0.0.7&notifications="
            + ApolloServer.encode("[{\"namespaceName\":\"application\",\"notificationId\":-1}]");
    keepPolling("10.0.0.7", "sh");
    server.get(path);
    String configs = "/configs/shop/sh/application?ip=10.0.0.7";
    String had = server.json(configs).path("releaseKey").asText();
    assertThat(who(KEY).instances()).isEqualTo(1);
    server.publish(other, "a=2\n"); // of its own cluster, spelt otherwise
    server.get(path);
    server.get(configs + "&releaseKey=" + ApolloServer.encode(had));
    assertThat(who(KEY).instances()).isZero();
    assertThat(who(other).followers()).singleElement().matches(Followership::isCurrent);
  }

  private GrayKey rollOut(ConfigKey key) throws Exception {
    GrayKey gray = new GrayKey(key, "slowly");
    server
        .configs
        .grays()
        .start(
            gray,
            Payload.of("a=9\n"),
            ConfigAttributes.NONE,
            GrayRule.share(GrayRule.ALL),
            List.of(GrayRule.ALL - 1, GrayRule.ALL), // nearly all, then all
            Duration.ofSeconds(1),
            Expected.ANYTHING)
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
    return gray;
  }

  private String content(ConfigKey key) {
    return server.configs.get(key).toCompletableFuture().join().orElseThrow().content().utf8();
  }

  @Test
  void aRollOutWaitsForWhoHasNotFetchedWhatItShouldSee() throws Exception {
    ConfigKey other = new ConfigKey("", "shop", "other.properties");
    server.publish(KEY, "a=1\n");
    server.publish(other, "a=1\n");
    var poll = park("10.0.0.7");
    String had = get("10.0.0.7", "", "");
    rollOut(KEY);
    poll.get(60, TimeUnit.SECONDS);
    park("10.0.0.7"); // it goes on listening, and does not fetch
    rollOut(other); // which nobody listens to, and is due later
    await().atMost(SOON).until(() -> content(other).equals("a=9\n"));
    assertThat(content(KEY)).isEqualTo("a=1\n");
    get("10.0.0.7", "", had);
    await().atMost(SOON).until(() -> content(KEY).equals("a=9\n"));
  }

  @Test
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "takes ten seconds: with -Dlong=true")
  void whoseConnectionBreaksGoesShortly() throws Exception {
    server.publish(KEY, "a=1\n");
    var poll = park("10.0.0.7");
    get("10.0.0.7", "", "");
    assertThat(who(KEY).instances()).isEqualTo(1);
    poll.cancel(true); // a client's own connection may live on, and then the poll does
    server.publish(KEY, "a=2\n");
    await().atMost(SOON).until(() -> who(KEY).instances() == 0);
  }
}
