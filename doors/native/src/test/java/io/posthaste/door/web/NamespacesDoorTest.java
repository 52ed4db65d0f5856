package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.access.Access;
import io.posthaste.access.Actor;
import io.posthaste.access.Administration;
import io.posthaste.access.Change;
import io.posthaste.access.Grant;
import io.posthaste.access.Identity;
import io.posthaste.access.Right;
import io.posthaste.access.Session;
import io.posthaste.config.Configs;
import io.posthaste.core.TopicPattern;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code /v1/config-namespaces} over HTTP, and publications that are more than a quota. */
final class NamespacesDoorTest {
  private static final String ALL = "/v1/config-namespaces";
  private static final String SHOP = ALL + "/shop";

  private ConfigServer server;
  private Access access;
  private Configs configs;

  @BeforeEach
  void start() throws Exception {
    server = new ConfigServer();
    access = server.access;
    configs = server.configs;
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return ConfigServer.now(stage);
  }

  private HttpResponse<String> call(String method, String path, String body, String... headers)
      throws Exception {
    return server.call(method, path, body, headers);
  }

  @Test
  void oneIsMadeShownChangedAndRemoved() throws Exception {
    assertThat(call("GET", SHOP, "").statusCode()).isEqualTo(404);
    HttpResponse<String> made =
        call(
            "PUT",
            SHOP,
            "{'title':'The shop','description':'what is sold','quota':{'configs':2,'bytes':null},"
                + "'comment':'a new team'}",
            "If-None-Match",
            "*");
    assertThat(made.statusCode()).isEqualTo(200);
    String tag = made.headers().firstValue("ETag").orElseThrow();

    HttpResponse<String> shown = call("GET", SHOP, "");
    assertThat(shown.headers().firstValue("ETag")).contains(tag);
    assertThat(shown.body())
        .startsWith(
            "{\"namespace\":\"shop\",\"title\":\"The shop\",\"description\":\"what is sold\","
                + "\"quota\":{\"configs\":2,\"bytes\":null,\"bytesOfOne\":null},"
                + "\"configs\":0,\"bytes\":0,\"id\":"
                + tag)
        .contains("\"comment\":\"a new team\"");
    assertThat(call("PUT", SHOP, "", "If-None-Match", "*").statusCode()).isEqualTo(412);
    assertThat(call("PUT", SHOP, "", "If-Match", "*").statusCode()).isEqualTo(400);
    assertThat(call("PUT", SHOP, "{'title':'Shop'}", "If-Match", tag).statusCode()).isEqualTo(200);
    assertThat(call("GET", ALL, "").body())
        .startsWith("{\"namespaces\":[{\"namespace\":\"public\",\"configs\":0,\"bytes\":0},")
        .contains("{\"namespace\":\"shop\",\"title\":\"Shop\",\"configs\":0,\"bytes\":0,");

    call("POST", "/v1/topics/config/shop/G/a", "v");
    await().untilAsserted(() -> assertThat(call("GET", SHOP, "").body()).contains("\"configs\":1"));
    assertThat(call("DELETE", SHOP, ""))
        .satisfies(
            refused -> {
              assertThat(refused.statusCode()).isEqualTo(409);
              assertThat(refused.body())
                  .contains("\"code\":\"refused\"", "has 1 config (expected: none; delete them");
            });
    call("DELETE", "/v1/topics/config/shop/G/a", "");
    await().untilAsserted(() -> assertThat(call("DELETE", SHOP, "").statusCode()).isEqualTo(200));
    assertThat(call("DELETE", SHOP, "").statusCode()).isEqualTo(204);
    assertThat(call("GET", SHOP, "").statusCode()).isEqualTo(404);
  }

  @Test
  void publicationsOverAQuotaAreRefusedAndTheRestOfABatchIsNot() throws Exception {
    call("PUT", SHOP, "{'quota':{'configs':2,'bytesOfOne':8}}");
    assertThat(call("POST", "/v1/topics/config/shop/G/large", "123456789"))
        .satisfies(
            refused -> {
              assertThat(refused.statusCode()).isEqualTo(409);
              assertThat(refused.body())
                  .contains(
                      "\"code\":\"refused\"",
                      "namespace \\\"shop\\\": a config of 9 bytes (expected: at most 8 each");
            });
    String batch =
        "{'topic':'config/shop/G/a','data':'v'}\n{'topic':'config/shop/G/b','data':'v'}\n"
            + "{'topic':'config/shop/G/c','data':'v'}\n{'topic':'other','data':'v'}\n";
    List<String> lines = call("POST", "/v1/batch", batch).body().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).contains("\"id\":");
    assertThat(lines.get(1)).contains("\"id\":");
    assertThat(lines.get(2)).contains("\"status\":409", "has 2 configs (expected: at most 2");
    assertThat(lines.get(3)).contains("\"id\":");
    assertThat(call("GET", "/v1/topics/config/shop/G/c", "").statusCode()).isEqualTo(404);
    assertThat(
            call("PUT", "/v1/configs/shop/G/a/gray/canary", "{'data':'123456789','stages':[1]}")
                .body())
        .contains("at most 8 each");
  }

  @Test
  void whatIsNoNamespaceOrNoQuotaIsRefused() throws Exception {
    for (String body :
        List.of(
            "[]",
            "{'name':'x'}",
            "{'quota':7}",
            "{'quota':{'configs':-1}}",
            "{'quota':{'configs':1e3}}",
            "{'quota':{'configs':'many'}}",
            "{'quota':{'files':1}}",
            "{'title':'a\\nb'}",
            "{'title':'" + "x".repeat(257) + "'}",
            "{'description':'" + "x".repeat(4_097) + "'}")) {
      assertThat(call("PUT", SHOP, body).statusCode()).as(body).isEqualTo(400);
    }
    assertThat(call("PUT", SHOP, "{'title':'" + "x".repeat(70_000) + "'}").statusCode())
        .isEqualTo(413);
    for (String name : List.of("a%2Fb", "a/b", "%20", "x".repeat(129), "")) {
      assertThat(call("PUT", ALL + "/" + name, "{}").statusCode()).as(name).isEqualTo(400);
    }
    assertThat(call("DELETE", ALL + "/public", "").statusCode()).isEqualTo(409);
    assertThat(call("DELETE", SHOP, "", "If-None-Match", "*").statusCode()).isEqualTo(400);
    assertThat(call("PUT", SHOP, "{'quota':null}").statusCode()).isEqualTo(200);
  }

  @Test
  void whoMayOnlyReadOrPublishSetsNoQuota() throws Exception {
    Administration administration = new Administration(access);
    Actor actor = new Actor("test", "127.0.0.1", "test");
    now(administration.addAccount(actor, new Identity(Identity.Kind.USER, "first"), null));
    String ann = key(administration, actor, "ann", Right.PUBLISH, "config/shop/#");
    String bob = key(administration, actor, "bob", Right.READ, "config/shop/#");
    String root = key(administration, actor, "root", Right.ADMINISTER, "#");
    String[] asRoot = {"Authorization", "Bearer " + root};
    String[] asAnn = {"Authorization", "Bearer " + ann};
    String[] asBob = {"Authorization", "Bearer " + bob};
    assertThat(call("PUT", SHOP, "{}", asRoot).statusCode()).isEqualTo(200);
    assertThat(call("PUT", SHOP, "{}", asAnn).statusCode()).isEqualTo(403);
    assertThat(call("DELETE", SHOP, "", asAnn).statusCode()).isEqualTo(403);
    assertThat(call("GET", SHOP, "", asBob).body()).contains("\"author\":\"root\"");
    assertThat(call("GET", SHOP, "", asAnn).statusCode()).isEqualTo(403);
    assertThat(call("GET", ALL, "", asBob).body()).contains("shop").doesNotContain("public");
    assertThat(call("GET", ALL, "", asAnn).body()).startsWith("{\"namespaces\":[]}");
    assertThat(call("GET", ALL, "", asRoot).body()).contains("shop", "public");
    assertThat(call("GET", ALL, "").body()).startsWith("{\"namespaces\":[]}");
    assertThat(call("GET", SHOP, "").statusCode()).isEqualTo(401);
    assertThat(call("DELETE", SHOP, "", asRoot).statusCode()).isEqualTo(200);
  }

  private static String key(
      Administration administration, Actor actor, String name, Right right, String topics)
      throws Exception {
    now(administration.addAccount(actor, new Identity(Identity.Kind.USER, name), null));
    now(administration.grant(actor, name, new Grant(right, new TopicPattern(topics))));
    Change made = now(administration.createKey(actor, name, "test", Session.NEVER));
    return ((Change.KeyMade) made).text();
  }
}
