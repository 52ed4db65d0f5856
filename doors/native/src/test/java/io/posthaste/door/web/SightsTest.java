package io.posthaste.door.web;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.config.AudiencePage;
import io.posthaste.config.AudienceQuery;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigPolicy;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.config.Followership;
import io.posthaste.config.GrayKey;
import io.posthaste.config.GrayMatch;
import io.posthaste.config.GrayRule;
import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.server.AllowedSites;
import io.posthaste.server.Guard;
import io.posthaste.server.HttpLimits;
import io.posthaste.server.HttpServer;
import io.posthaste.server.Loops;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Router;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever follows configs over the native wire is told of gray versions, and is known. */
final class SightsTest {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final ConfigKey KEY = new ConfigKey("public", "G", "a.yaml");
  private static final GrayKey GRAY = new GrayKey(KEY, "canary");
  private static final String CANARY = "application=shop&instance=shop-7&label.stage=canary";
  private static final String OTHER = "application=shop&instance=shop-8";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Loops loops = new Loops(2);
  private final Log log =
      new MemoryLog(MemoryLog.Options.of(new Policies(ConfigPolicy.before(List.of()))));
  private final Hub hub = new Hub(log, loops.executors(), HubOptions.defaults());
  private final Configs configs = new Configs(hub);
  private InetSocketAddress address = new InetSocketAddress(0);

  @BeforeEach
  void start() throws Exception {
    loops.attach(hub.shards());
    ConfigDoor door = new ConfigDoor(hub, configs, PublishRate.UNLIMITED, Guard.NONE);
    address =
        new HttpServer(loops, HttpLimits.DEFAULT, AllowedSites.OWN, new Router(door.routes()))
            .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    await().until(configs::isReady);
  }

  @AfterEach
  void stop() {
    loops.drain(Duration.ofSeconds(4)).join();
    configs.close();
    hub.close();
    loops.close();
    log.close();
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, SECONDS);
  }

  private String publish(String content) throws Exception {
    return id(configs.publish(KEY, Payload.of(content), ConfigAttributes.NONE, Expected.ANYTHING));
  }

  private static String id(CompletionStage<Changed> change) throws Exception {
    return ((Changed.Done) now(change)).id().toString();
  }

  private String startGray(String content) throws Exception {
    GrayMatch canaries =
        new GrayMatch(List.of(), List.of(), new TreeMap<>(Map.of("stage", List.of("canary"))));
    return id(
        configs
            .grays()
            .start(
                GRAY,
                Payload.of(content),
                ConfigAttributes.NONE,
                new GrayRule(GrayRule.DEFAULT_PRIORITY, GrayRule.ALL, List.of(canaries)),
                List.of(),
                Duration.ZERO,
                Expected.ANYTHING));
  }

  private void abort() throws Exception {
    now(configs.grays().abort(GRAY, ConfigAttributes.NONE, Expected.ANYTHING));
  }

  private CompletableFuture<HttpResponse<String>> ask(
      String method, String path, String who, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + address.getPort() + "/v1/configs/" + path))
            .method(method, BodyPublishers.ofString(body.replace('\'', '"')))
            .header("Posthaste-Client", who);
    return HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> look(String who) throws Exception {
    return now(ask("GET", KEY.toString(), who, ""));
  }

  private static String has(String id) {
    return "{'configs':[{'config':'" + KEY + "','id':'" + id + "'}]}";
  }

  private String sights(String who, String id) throws Exception {
    HttpResponse<String> answer = now(ask("POST", "sights", who, has(id)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body().strip();
  }

  private List<Followership> who() throws Exception {
    AudiencePage page = now(configs.audience().find(AudienceQuery.of(KEY, 100)));
    return page.followers();
  }

  /** Begins to wait; returns once the server knows it. */
  private CompletableFuture<HttpResponse<String>> wait(String who, String id) {
    CompletableFuture<HttpResponse<String>> answer = ask("POST", "sights?wait=60", who, has(id));
    await().atMost(LIMIT).until(() -> !who().isEmpty() || answer.isDone());
    return answer;
  }

  @Test
  void eachIsGivenTheVersionThatIsMeantForHim() throws Exception {
    assertThat(look(CANARY).statusCode()).isEqualTo(404);
    String all = publish("all");
    String gray = startGray("gray");

    HttpResponse<String> canary = look(CANARY);
    assertThat(TestJson.object(canary.body()))
        .containsEntry("id", gray)
        .containsEntry("data", "gray")
        .containsEntry("gray", "canary")
        .containsEntry("topic", "config/public/G/a.yaml");
    assertThat(canary.headers().firstValue("ETag")).contains('"' + gray + '"');
    assertThat(TestJson.object(look(OTHER).body()))
        .containsEntry("id", all)
        .containsEntry("data", "all")
        .doesNotContainKey("gray");
  }

  @Test
  void whoHasAnotherThanHeShouldIsToldAtOnce() throws Exception {
    String all = publish("all");
    assertThat(sights(CANARY, all)).isEqualTo("{\"changed\":[]}");
    String gray = startGray("gray");
    String canarys = "{\"config\":\"public/G/a.yaml\",\"id\":\"" + gray + "\",\"gray\":\"canary\"}";
    assertThat(sights(CANARY, all)).isEqualTo("{\"changed\":[" + canarys + "]}");
    assertThat(sights(OTHER, all)).isEqualTo("{\"changed\":[]}");
    assertThat(sights(OTHER, gray)).contains(all);
    now(configs.remove(KEY, ConfigAttributes.NONE, Expected.ANYTHING));
    assertThat(sights(OTHER, all)).isEqualTo("{\"changed\":[{\"config\":\"public/G/a.yaml\"}]}");
    assertThat(who()).as("who only looks is no listener").isEmpty();
  }

  @Test
  void aWaitEndsWhenAGrayVersionComesAndGoesAndNotByAChangeOfTheOneForAll() throws Exception {
    String first = publish("first");
    CompletableFuture<HttpResponse<String>> canary = wait(CANARY, first);
    String second = publish("second");
    await()
        .atMost(LIMIT)
        .until(() -> who().stream().anyMatch(one -> second.equals(String.valueOf(one.told()))));
    assertThat(canary).isNotDone();

    String gray = startGray("gray");
    assertThat(now(canary).body()).contains(gray).contains("\"gray\":\"canary\"");

    canary = wait(CANARY, gray);
    publish("third");
    abort();
    assertThat(now(canary).body()).doesNotContain("gray").contains("\"id\":");
  }

  @Test
  void whoWaitsIsKnownAndWhatHeSaysToHaveByNow() throws Exception {
    String first = publish("first");
    String md5 = String.valueOf(configs.md5(KEY));
    String listing =
        "{'configs':[{'config':'" + KEY + "','id':'" + first + "','md5':'" + md5 + "'}]}";
    CompletableFuture<HttpResponse<String>> waiting =
        ask("POST", "sights?wait=60", CANARY + "&client=java%2F1", listing);
    await().atMost(LIMIT).until(() -> who().size() == 1);
    Followership known = who().get(0);
    assertThat(known.isCurrent()).isTrue();
    assertThat(known.instance().id()).isEqualTo("shop-7");
    assertThat(known.instance().application()).isEqualTo("shop");
    assertThat(known.instance().labels()).containsEntry("stage", "canary");
    assertThat(known.instance().clientVersion()).isEqualTo("java/1");

    String second = publish("second");
    await().atMost(LIMIT).until(() -> !who().get(0).isCurrent());
    String had = "{'configs':[{'config':'" + KEY + "','md5':'" + configs.md5(KEY) + "'}]}";
    assertThat(now(ask("POST", "had", CANARY + "&client=java%2F1", had)).statusCode())
        .isEqualTo(204);
    assertThat(who().get(0).isCurrent()).isTrue();
    assertThat(String.valueOf(who().get(0).id())).isEqualTo(second);
    assertThat(who().get(0).afterMillis()).isGreaterThanOrEqualTo(0);
    assertThat(waiting).isNotDone();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{'configs':7}",
        "{'configs':[7]}",
        "{'configs':[{}]}",
        "{'configs':[{'config':'G/a'}]}",
        "{'configs':[{'config':'public/G/a b'}]}",
        "{'configs':[{'config':'public/G/a','id':'?'}]}",
        "{'configs':[{'config':'public/G/a','md5':'?'}]}",
        "{'configs':[{'config':'public/G/a','colour':'red'}]}",
        "{'configs':[{'config':'public/G/a','id':[]}]}",
        "{'configs':[{'config':'public/G/a'},{'config':'public/G/a'}]}",
        "{'configs':[]} 7"
      })
  void whatMakesNoSenseIsRefused(String body) throws Exception {
    for (String path : List.of("sights", "had")) {
      HttpResponse<String> answer = now(ask("POST", path, OTHER, body));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
      assertThat(answer.body()).contains("\"malformed\"").contains("expected");
    }
  }

  @Test
  void whoSaysOfHimselfWhatCannotBeIsTold() throws Exception {
    for (String who :
        List.of("instance=a&instance=b", "instance=" + "x".repeat(200), "label.a".repeat(40))) {
      HttpResponse<String> answer = look(who);
      assertThat(answer.statusCode()).as(answer.body()).isIn(400);
      assertThat(answer.body()).contains("Posthaste-Client");
    }
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 33; i++) {
      many.append("&label.l").append(i).append("=v");
    }
    assertThat(look(many.substring(1)).body()).contains("at most 32");
    assertThat(now(ask("GET", "sights", OTHER, "")).statusCode()).isEqualTo(405);
    assertThat(now(ask("POST", KEY.toString(), OTHER, "")).body()).contains("to publish");
  }
}
