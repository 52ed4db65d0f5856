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
import io.posthaste.config.ConfigKey;
import io.posthaste.core.TopicPattern;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Once somebody is known, what is not granted is refused. */
final class AccessTest {
  private static final Actor OPERATOR = new Actor("operator", "", "cli");

  private NacosServer server;
  private Administration administration;
  private String admin;
  private String shop;

  @BeforeEach
  void start() throws Exception {
    server = new NacosServer();
    administration = new Administration(server.access);
    admin = keyOf("admin");
    shop = keyOf("shop");
    now(
        administration.grant(
            OPERATOR, "shop", new Grant(Right.READ, new TopicPattern("config/public/SHOP/#"))));
    publish("SHOP", admin);
    publish("BANK", admin);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(10, SECONDS);
  }

  private String keyOf(String id) throws Exception {
    Identity identity = new Identity(Identity.Kind.USER, id);
    now(administration.addAccount(OPERATOR, identity, null));
    Change made = now(administration.createKey(OPERATOR, id, "test", Session.NEVER));
    return ((Change.KeyMade) made).text();
  }

  private int publish(String group, String key) throws Exception {
    String form = "dataId=a&group=" + group + "&content=1&accessToken=" + key + "&";
    return server.post("/cs/configs", form).statusCode();
  }

  private int get(String group, String more) throws Exception {
    return server.get("/cs/configs?dataId=a&group=" + group + more).statusCode();
  }

  @Test
  void everybodyReadsAndPublishesWhatHeMay() throws Exception {
    assertThat(get("SHOP", "&accessToken=" + shop)).isEqualTo(200);
    assertThat(get("BANK", "&accessToken=" + shop)).isEqualTo(403);
    assertThat(get("SHOP", "")).isEqualTo(403);
    assertThat(get("SHOP", "&accessToken=ph_no_key")).isEqualTo(403);
    String who = "/cs/configs/listener?dataId=a&group=SHOP&accessToken=";
    assertThat(server.get(who + admin).statusCode()).isEqualTo(200);
    assertThat(server.get(who + shop).statusCode()).isEqualTo(403); // who may read only
    assertThat(publish("SHOP", shop)).isEqualTo(403);
    assertThat(publish("BANK", admin)).isEqualTo(200);
    assertThat(server.delete("/cs/configs?dataId=a&group=SHOP&accessToken=" + shop).statusCode())
        .isEqualTo(403);
    assertThat(
            server
                .get("/cs/history?search=accurate&dataId=a&group=BANK&accessToken=" + shop)
                .statusCode())
        .isEqualTo(403);
  }

  private HttpResponse<String> call(String method, String path, String key) throws Exception {
    char more = path.indexOf('?') < 0 ? '?' : '&';
    URI uri =
        URI.create("http://" + server.place() + "/nacos" + path + more + "accessToken=" + key);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    boolean clones = path.contains("/clone");
    return NacosServer.send(
        (clones ? request.header("Content-Type", "application/json") : request)
            .method(method, BodyPublishers.ofString(clones ? "[{\"configId\":" + id() + "}]" : ""))
            .build());
  }

  /** The number by which lists name a config that shop may not read. */
  private long id() throws Exception {
    return now(server.configs.get(new ConfigKey("public", "BANK", "a")))
        .orElseThrow()
        .id()
        .sequence();
  }

  @Test
  void administratorsOfV2AndV3AreAskedForTheSameRights() throws Exception {
    String bank = "?dataId=a&groupName=BANK&namespaceId=public";
    List<String> refused =
        List.of(
            "GET /v3/admin/cs/config" + bank,
            "DELETE /v3/admin/cs/config" + bank,
            "POST /v3/admin/cs/config" + bank + "&content=x",
            "PUT /v3/admin/cs/config/metadata" + bank + "&desc=x",
            "GET /v3/admin/cs/config/beta" + bank,
            "DELETE /v3/admin/cs/config/beta" + bank,
            "GET /v3/admin/cs/config/listener" + bank,
            "GET /v3/admin/cs/listener?ip=127.0.0.1",
            "DELETE /v3/admin/cs/config/batch?ids=" + id(),
            "POST /v3/admin/cs/config/clone?namespaceId=other",
            "GET /v3/admin/cs/history/list" + bank,
            "GET /v3/admin/cs/history" + bank + "&nid=1",
            "GET /v3/admin/cs/history/previous" + bank + "&id=1",
            "GET /v2/cs/history/list?dataId=a&group=BANK",
            "GET /v3/admin/core/namespace?namespaceId=public",
            "POST /v3/admin/core/namespace?namespaceId=x&namespaceName=x",
            "PUT /v2/console/namespace?namespaceId=public&namespaceName=x",
            "DELETE /v3/console/core/namespace?namespaceId=x");
    for (String request : refused) {
      String[] parts = request.split(" ", 2);
      for (String key : List.of(shop, "ph_no_key", "")) {
        HttpResponse<String> answer = call(parts[0], parts[1], key);
        assertThat(answer.statusCode()).as(request).isEqualTo(403);
        assertThat(answer.body()).as(request).startsWith("{\"code\":10001,");
      }
    }
    assertThat(call("POST", "/v1/console/namespaces?namespaceName=x", shop).statusCode())
        .isEqualTo(403);
    assertThat(call("GET", "/v3/admin/cs/config/list", shop).body())
        .contains("\"totalCount\":1", "SHOP");
    assertThat(call("GET", "/v3/admin/cs/history/configs", shop).body())
        .contains("SHOP")
        .doesNotContain("BANK");
    assertThat(call("GET", "/v3/admin/core/namespace/list", shop).body())
        .contains("\"configCount\":1");
    assertThat(call("GET", "/v3/admin/core/namespace/list", admin).body())
        .contains("\"configCount\":2");
    assertThat(call("POST", "/v3/admin/cs/config/clone?namespaceId=other", admin).body())
        .contains("\"succCount\":1");
    assertThat(call("DELETE", "/v3/admin/cs/config/batch?ids=" + id(), admin).statusCode())
        .isEqualTo(200);
  }

  @Test
  void aSignatureForARegionIsRefusedByItsName() throws Exception {
    HttpResponse<String> answer =
        NacosServer.send(
            server
                .request("/cs/configs?dataId=a&group=SHOP")
                .header("Spas-AccessKey", "any")
                .header("signatureVersion", "v4")
                .build());
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).startsWith("signatureVersion: \"v4\" (expected: none; ");
  }

  @Test
  void whoMayChangeNothingDoesNotHaveAllNodesAskedWhoListens() throws Exception {
    String address = "/cs/listener?ip=127.0.0.1&all=true";
    assertThat(server.get(address).statusCode()).isEqualTo(403);
    assertThat(server.get(address + "&accessToken=" + shop).statusCode()).isEqualTo(403);
    assertThat(server.get(address + "&accessToken=" + admin).statusCode()).isEqualTo(200);
    now(
        administration.grant(
            OPERATOR, "shop", new Grant(Right.PUBLISH, new TopicPattern("config/public/SHOP/a"))));
    assertThat(server.get(address + "&accessToken=" + shop).statusCode()).isEqualTo(200);
  }

  @Test
  void aSearchFindsWhatMayBeRead() throws Exception {
    String all = "/cs/configs?search=blur&dataId=&group=&accessToken=";
    assertThat(server.get(all + shop).body()).contains("\"totalCount\":1", "SHOP");
    assertThat(server.get(all + admin).body()).contains("\"totalCount\":2");
  }

  @Test
  void whoHasAKeyLogsInWithIt() throws Exception {
    HttpResponse<String> login =
        server.post("/auth/users/login?username=shop", "password=" + shop + "&");
    assertThat(login.body()).contains("\"accessToken\":\"" + shop + "\"");
    assertThat(server.post("/auth/users/login?username=admin", "password=" + shop).statusCode())
        .isEqualTo(403);
    assertThat(server.post("/auth/users/login?username=shop", "password=guess").statusCode())
        .isEqualTo(403);
  }

  @Test
  void aParkedPollEndsWhenItsKeyIsRevoked() throws Exception {
    String listening = "b\u0002SHOP\u0002\u0001";
    String form = "accessToken=" + shop + "&Listening-Configs=" + NacosServer.encode(listening);
    CompletableFuture<HttpResponse<String>> poll =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return server.post("/cs/configs/listener", form, "Long-Pulling-Timeout", "30000");
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    await().until(() -> server.door.listened() == 1);
    now(administration.revokeKey(OPERATOR, shop.split("_", -1)[1]));
    assertThat(poll.get(10, SECONDS).statusCode()).isEqualTo(403);
    await().until(() -> server.door.listened() == 0);
  }

  @Test
  void aPollOfWhatMayNotBeReadIsRefused() throws Exception {
    String listening = NacosServer.encode("a\u0002SHOP\u0002\u0001a\u0002BANK\u0002\u0001");
    String form = "accessToken=" + shop + "&Listening-Configs=" + listening;
    assertThat(
            server.post("/cs/configs/listener", form, "Long-Pulling-Timeout", "30000").statusCode())
        .isEqualTo(403);
  }
}
