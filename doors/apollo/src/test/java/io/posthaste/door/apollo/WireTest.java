package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.config.ConfigKey;
import io.posthaste.core.Log;
import io.posthaste.core.MalformedException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see on the wire. */
final class WireTest {
  private static final String FIRST = "[{\"namespaceName\":\"application\",\"notificationId\":-1}]";

  private ApolloServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        new ApolloServer(
            new ApolloOptions(
                "DEV", Duration.ofSeconds(60), Duration.ofMillis(50), Set.of("small")));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private void publish(String text) {
    server.publish("", "shop", "application.properties", text);
  }

  private static String from(long id) {
    return FIRST.replace("-1", Long.toString(id));
  }

  private JsonNode told(CompletableFuture<HttpResponse<String>> poll) throws Exception {
    HttpResponse<String> answer = poll.get(30, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).isEqualTo(200);
    return Answers.JSON.readTree(answer.body());
  }

  private CompletableFuture<HttpResponse<String>> park(String notifications) {
    int before = server.door.listened();
    CompletableFuture<HttpResponse<String>> poll = server.poll("shop", notifications);
    await().atMost(Duration.ofSeconds(30)).until(() -> server.door.listened() > before);
    assertThat(poll).isNotDone();
    return poll;
  }

  @Test
  void namesItselfAsItWasCalled() throws Exception {
    JsonNode service = server.json("/services/config?appId=nobody").get(0);
    assertThat(service.path("homepageUrl").asText()).isEqualTo(server.url() + "/");
    assertThat(server.json("/services/admin")).isEmpty();
  }

  @Test
  void whatAClientHasIsNotSentAgain() throws Exception {
    assertThat(server.get("/configs/shop/default/application").statusCode()).isEqualTo(404);
    publish("");
    JsonNode empty = server.json("/configs/shop/default/application");
    assertThat(empty.path("configurations")).isEmpty();
    assertThat(empty.path("configurations").isObject()).isTrue();
    publish("a=1\n");
    JsonNode config = server.json("/configs/shop/sh/APPLICATION.properties?dataCenter=dc");
    assertThat(config.path("namespaceName").asText()).isEqualTo("APPLICATION.properties");
    assertThat(config.path("cluster").asText()).isEqualTo("default");
    String key = config.path("releaseKey").asText();
    String again = "/configs/shop/default/application?releaseKey=";
    assertThat(server.get(again + key).statusCode()).isEqualTo(304);
    assertThat(server.get(again + empty.path("releaseKey").asText()).statusCode()).isEqualTo(200);
    server.publish("sh", "shop", "application.properties", "a=2\n");
    assertThat(server.json("/configs/shop/sh/application").path("cluster").asText())
        .isEqualTo("sh");
    assertThat(server.get("/configs/shop/default/application?messages=x").statusCode())
        .isEqualTo(400);
  }

  @Test
  void whoAsksForItIsSentWhatHasChanged() throws Exception {
    server.publish("", "small", "application.properties", "a=1\nb=1\nc=1\n");
    String key = server.json("/configs/small/default/application").path("releaseKey").asText();
    server.publish("", "small", "application.properties", "a=1\nb=2\nd=1\n");
    JsonNode changes = server.json("/configs/small/default/application?releaseKey=" + key);
    assertThat(changes.path("configSyncType").asText()).isEqualTo("IncrementalSync");
    assertThat(changes.has("configurations")).isFalse();
    assertThat(changes.path("configurationChanges").toString())
        .isEqualTo(
            "[{\"key\":\"b\",\"configurationChangeType\":\"MODIFIED\",\"newValue\":\"2\"},"
                + "{\"key\":\"d\",\"configurationChangeType\":\"ADDED\",\"newValue\":\"1\"},"
                + "{\"key\":\"c\",\"configurationChangeType\":\"DELETED\"}]");
    JsonNode all = server.json("/configs/small/default/application?releaseKey=old");
    assertThat(all.path("configurations")).hasSize(3);
  }

  @Test
  void filesComeInThreeForms() throws Exception {
    publish("# c\na = 1 2\nb=x\\ny\n");
    assertThat(server.get("/configfiles/shop/default/application").body())
        .isEqualTo("a=1 2\nb=x\\ny\n");
    assertThat(server.get("/configfiles/json/shop/default/application").body())
        .isEqualTo("{\"a\":\"1 2\",\"b\":\"x\\ny\"}");
    assertThat(server.get("/configfiles/raw/shop/default/application").body())
        .isEqualTo("# c\na = 1 2\nb=x\\ny\n");
    assertThat(server.get("/configfiles/raw/shop/default/none").statusCode()).isEqualTo(404);
  }

  @Test
  void oneWhoWaitsIsToldOfHisNamespaceAndOfNoOther() throws Exception {
    publish("a=1\n");
    JsonNode first = told(server.poll("shop", FIRST)).get(0);
    long id = first.path("notificationId").asLong();
    assertThat(first.path("messages").path("details").path("shop+default+application").asLong())
        .isEqualTo(id);
    var poll =
        park(
            "[{\"namespaceName\":\"Application\",\"notificationId\":%d},".formatted(id)
                + "{\"namespaceName\":\"late.yaml\",\"notificationId\":-1}]");
    server.publish("", "shop", "other.properties", "a=1\n");
    server.publish("", "shop", "Late.yaml", "a: 1\n");
    JsonNode told = told(poll);
    assertThat(told).hasSize(1);
    assertThat(told.get(0).path("namespaceName").asText()).isEqualTo("late.yaml");
    assertThat(
            server
                .json("/configs/shop/default/late.yaml")
                .path("configurations")
                .path("content")
                .asText())
        .isEqualTo("a: 1\n");
    await().until(() -> server.door.listened() == 0);
    publish("a=2\n");
    String old = "/notifications?appId=shop&cluster=default&notificationId=" + id;
    assertThat(server.json(old).path("notificationId").asLong()).isGreaterThan(id);
  }

  @Test
  void manyWhoWaitForOneConfigAreAllTold() throws Exception {
    publish("a=1\n");
    long id = told(server.poll("shop", FIRST)).get(0).path("notificationId").asLong();
    List<CompletableFuture<HttpResponse<String>>> polls =
        IntStream.range(0, 600).mapToObj(i -> server.poll("shop", from(id))).toList();
    await().atMost(Duration.ofSeconds(30)).until(() -> server.door.listened() == 600);
    publish("a=2\n");
    for (var poll : polls) {
      assertThat(told(poll).get(0).path("notificationId").asLong()).isGreaterThan(id);
    }
    await().until(() -> server.door.listened() == 0);
  }

  @Test
  void aServerThatGoesAnswersThatNothingHasChanged() throws Exception {
    publish("a=1\n");
    long id = told(server.poll("shop", FIRST)).get(0).path("notificationId").asLong();
    var poll = park(from(id));
    server.close();
    assertThat(poll.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(304);
    server = new ApolloServer();
  }

  @Test
  void numbersGoOnRisingInACopyOfTheLog() throws Exception {
    publish("a=1\n");
    ConfigKey key = new ConfigKey("", "shop", "application.properties");
    long id = server.configs.stamp(key);
    var message = server.hub.latest(key.topic()).toCompletableFuture().get().orElseThrow();
    Log copy = ApolloServer.memory();
    copy.append(List.of(io.posthaste.core.Append.copyOf(message))).toCompletableFuture().get();
    try (ApolloServer other = new ApolloServer(copy, 0, ApolloOptions.DEFAULT, 100)) {
      assertThat(other.configs.stamp(key)).isEqualTo(id);
      other.publish(key, "a=2\n");
      assertThat(other.configs.stamp(key)).isGreaterThan(id);
    }
  }

  @Test
  void whoKnowsMoreThanARestoredLogWaitsAndIsToldOfWhatComes() throws Exception {
    publish("a=1\n");
    ConfigKey key = new ConfigKey("", "shop", "application.properties");
    var message = server.hub.latest(key.topic()).toCompletableFuture().get().orElseThrow();
    Log restored = ApolloServer.memory();
    restored.append(List.of(io.posthaste.core.Append.copyOf(message))).toCompletableFuture().get();
    publish("a=2\n"); // which the backup has not
    long known = server.configs.stamp(key);
    try (ApolloServer other = new ApolloServer(restored, 0, ApolloOptions.DEFAULT, 100)) {
      var poll =
          other.poll(
              "shop",
              "[{\"namespaceName\":\"application\",\"notificationId\":%d}]".formatted(known));
      await().atMost(Duration.ofSeconds(30)).until(() -> other.door.listened() == 1);
      other.publish(key, "a=3\n");
      var told = Answers.JSON.readTree(poll.get(30, TimeUnit.SECONDS).body());
      assertThat(told.path(0).path("notificationId").asLong()).isGreaterThan(known);
    }
  }

  @Test
  void moreThanMayBeFollowedIsRefusedForNow() throws Exception {
    server.close();
    server = new ApolloServer(ApolloServer.memory(), 0, ApolloOptions.DEFAULT, 0);
    assertThat(server.poll("shop", FIRST).get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "{}",
        "[]",
        "[1]",
        "[{\"namespaceName\":\"\"}]",
        "[{\"namespaceName\":\"a/b\"}]",
        "[{\"namespaceName\":\"a\",\"notificationId\":\"x\"}]",
        "[{\"namespaceName\":\"a\",\"notificationId\":1e99}]"
      })
  void malformedNotificationsAreRefused(String notifications) throws Exception {
    HttpResponse<String> answer = server.poll("shop", notifications).get(30, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(Answers.JSON.readTree(answer.body()).path("message").asText())
        .contains("(expected:");
  }

  @Test
  void whateverIsAskedIsReadOrRefusedWithWhatWouldBeRight() {
    long seed = Long.getLong("posthaste.seed", 5);
    Random random = new Random(seed);
    String alphabet = "[]{}\":,\\-019eE.aA \u0000中tfn";
    int read = 0;
    for (int round = 0; round < 30_000; round++) {
      StringBuilder text = new StringBuilder(FIRST);
      for (int i = random.nextInt(4); i > 0; i--) {
        int at = random.nextInt(text.length());
        if (random.nextBoolean()) {
          text.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
        } else {
          text.deleteCharAt(at);
        }
      }
      try {
        assertThat(Notification.parse(text.toString())).isNotEmpty();
        read++;
      } catch (MalformedException e) {
        assertThat(e.getMessage()).as("seed %s, round %s", seed, round).contains("(expected:");
      }
    }
    assertThat(read).isBetween(1, 29_999);
    assertThatThrownBy(
            () -> Notification.parse("[" + "{\"namespaceName\":\"a\"},".repeat(2_000) + "{}]"))
        .isInstanceOf(MalformedException.class);
  }
}
