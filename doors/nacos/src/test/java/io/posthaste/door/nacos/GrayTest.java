package io.posthaste.door.nacos;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Expected;
import io.posthaste.config.GrayKey;
import io.posthaste.config.GrayReleases;
import io.posthaste.config.GrayRule;
import io.posthaste.config.Md5;
import io.posthaste.core.Payload;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Beta, tag, and other gray versions, as requests see them. */
final class GrayTest {
  private static final String A = "/cs/configs?dataId=a&group=G";
  private static final String[] TAGGED = {"Vipserver-Tag", "t1"};
  private static final String[] PARKED = {"Long-Pulling-Timeout", "30000"};
  private static final String[] TAGGED_PARKED = {
    "Vipserver-Tag", "t1", "Long-Pulling-Timeout", "30000"
  };

  private NacosServer server;

  @BeforeEach
  void start() throws Exception {
    server = new NacosServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    var request = server.request(path);
    return NacosServer.send((headers.length == 0 ? request : request.headers(headers)).build());
  }

  private static String entry(String content) {
    return "a\u0002G\u0002" + Md5.of(Payload.of(content)) + "\u0001";
  }

  private void publishTagged(String content) throws Exception {
    assertThat(server.post("/cs/configs", "dataId=a&group=G&tag=t1&content=" + content).body())
        .isEqualTo("true");
  }

  @Test
  void aBetaIsForTheAddressesThatItNames() throws Exception {
    server.publish("a", "old");
    assertThat(server.publish("a", "new", "betaIps", "10.0.0.1, 127.0.0.1").body())
        .isEqualTo("true");

    assertThat(get(A).body()).isEqualTo("new");
    assertThat(get(A).headers().firstValue("isBeta")).contains("true");
    assertThat(get(A + "&show=all").body()).contains("\"content\":\"old\"");
    assertThat(get(A + "&beta=true").body())
        .contains("\"code\":200", "\"content\":\"new\"", "\"betaIps\":\"10.0.0.1,127.0.0.1\"");

    server.publish("a", "newer", "betaIps", "10.0.0.1");
    assertThat(get(A).body()).isEqualTo("old");
    assertThat(get(A).headers().firstValue("isBeta")).isEmpty();

    assertThat(server.delete(A + "&beta=true").body()).contains("\"code\":200", "\"data\":true");
    assertThat(get(A + "&beta=true").body()).contains("\"data\":null");
    assertThat(server.delete(A + "&beta=true").body()).contains("\"data\":true");
    assertThat(get(A).body()).isEqualTo("old");
  }

  @Test
  void aTagIsForThoseWhoSayIt() throws Exception {
    server.publish("a", "old");
    publishTagged("new");

    assertThat(get(A).body()).isEqualTo("old");
    assertThat(get(A, TAGGED).body()).isEqualTo("new");
    assertThat(get(A, TAGGED).headers().firstValue("tag")).contains("t1");
    assertThat(get(A, "Vipserver-Tag", "other").body()).isEqualTo("old");
    assertThat(get(A + "&tag=t1").body()).isEqualTo("new");
    HttpResponse<String> absent = get(A + "&tag=other");
    assertThat(absent.statusCode()).isEqualTo(404);
    assertThat(absent.headers().firstValue("Vipserver-Tag")).contains("other");

    assertThat(server.delete(A + "&tag=t1").body()).isEqualTo("true");
    assertThat(get(A, TAGGED).body()).isEqualTo("old");
  }

  @Test
  void aBetaGoesBeforeATag() throws Exception {
    server.publish("a", "old");
    publishTagged("tagged");
    server.publish("a", "beta", "betaIps", "127.0.0.0/8");

    assertThat(get(A, TAGGED).body()).isEqualTo("beta");
  }

  @Test
  void whatIsComparedIsWhatIsGiven() throws Exception {
    server.publish("a", "old");
    publishTagged("new");

    String has = entry("new");
    String now = "a%02G%01\n";
    assertThat(server.listen(has, PARKED).get(30, SECONDS).body()).isEqualTo(now);
    assertThat(server.listen(entry("old"), TAGGED_PARKED).get(30, SECONDS).body()).isEqualTo(now);
  }

  @Test
  void exactlyThoseAreToldWhoseVersionChanges() throws Exception {
    server.publish("a", "old");
    CompletableFuture<HttpResponse<String>> plain = server.listen(entry("old"), PARKED);
    CompletableFuture<HttpResponse<String>> tagged = server.listen(entry("old"), TAGGED_PARKED);
    await().atMost(Duration.ofSeconds(30)).until(() -> server.door.listened() == 2);

    publishTagged("new");
    assertThat(tagged.get(30, SECONDS).body()).isEqualTo("a%02G%01\n");
    assertThat(plain).isNotDone();

    CompletableFuture<HttpResponse<String>> again = server.listen(entry("new"), TAGGED_PARKED);
    await().atMost(Duration.ofSeconds(30)).until(() -> server.door.listened() == 2);
    server.publish("a", "main");
    assertThat(plain.get(30, SECONDS).body()).isEqualTo("a%02G%01\n");
    assertThat(again).isNotDone();

    server.delete(A + "&tag=t1");
    assertThat(again.get(30, SECONDS).body()).isEqualTo("a%02G%01\n");
    assertThat(server.door.listened()).isZero();
  }

  @Test
  void aGrayVersionOfAnotherKindIsSeenAndComparedToo() throws Exception {
    server.publish("a", "old");
    GrayReleases grays = server.configs.grays();
    GrayKey all = new GrayKey(new ConfigKey("", "G", "a"), "all");
    grays
        .start(
            all,
            Payload.of("new"),
            ConfigAttributes.NONE,
            GrayRule.share(GrayRule.ALL),
            List.of(),
            Duration.ZERO,
            Expected.ABSENT)
        .toCompletableFuture()
        .get(30, SECONDS);

    assertThat(get(A).body()).isEqualTo("new");
    assertThat(server.listen(entry("old"), PARKED).get(30, SECONDS).body()).isEqualTo("a%02G%01\n");
  }

  @Test
  void whatIsNoBetaAndNoTagIsRefused() throws Exception {
    assertThat(server.publish("a", "1", "betaIps", "shop-7").body())
        .contains("address: \"shop-7\"");
    assertThat(server.publish("a", "1", "betaIps", " , ").statusCode()).isEqualTo(400);
    String form = "dataId=a&group=G&content=1&tag=";
    assertThat(server.post("/cs/configs", form + "t".repeat(17)).statusCode()).isEqualTo(400);
    assertThat(server.post("/cs/configs", form + "a%2Fb").statusCode()).isEqualTo(400);
    assertThat(get(A).statusCode()).isEqualTo(404);
    assertThat(get(A + "&beta=true").body()).contains("\"data\":null");
  }
}
