package io.posthaste.door.apollo;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.access.Actor;
import io.posthaste.access.Administration;
import io.posthaste.access.Change;
import io.posthaste.access.Grant;
import io.posthaste.access.Identity;
import io.posthaste.access.Right;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.core.TopicPattern;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each call of the open API gives to whom. */
final class OpenApiAccessTest {
  private static final Actor OPERATOR = new Actor("operator", "", "cli");
  private static final String SHOP = "config/public/shop/";
  private static final String APPLICATION = SHOP + "application.properties";
  private static final String NAMESPACES = "envs/DEV/apps/shop/clusters/default/namespaces";

  private static final List<String> GETS =
      List.of(
          "apps",
          "apps/authorized",
          "organizations",
          "apps/shop/envclusters",
          "envs/DEV/apps/shop/clusters/default",
          NAMESPACES,
          NAMESPACES + "?fillItemDetail=false",
          of(""),
          of("/lock"),
          of("/items"),
          of("/items/open"),
          of("/items/drafted"),
          of("/diff"),
          of("/releases/latest"),
          of("/releases/all"),
          of("", "secret"),
          of("/items", "secret"),
          of("/items/hidden", "secret"),
          of("/diff", "secret"),
          of("/releases/latest", "secret"),
          of("/releases/all", "secret"));

  private static String of(String rest) {
    return of(rest, "application");
  }

  private static String of(String rest, String namespace) {
    return NAMESPACES + "/" + namespace + rest;
  }

  private ApolloServer server;
  private String boss;

  @BeforeEach
  void start() throws Exception {
    server = new ApolloServer();
    now(
        new Administration(server.access)
            .addAccount(OPERATOR, new Identity(Identity.Kind.USER, "first"), null));
    boss = key("boss", new Grant(Right.ADMINISTER, new TopicPattern("#")));
    post(
        "apps",
        "{'app':{'appId':'shop','name':'shop','orgId':'guild','orgName':'the guild'}}",
        boss);
    for (String namespace : List.of("application", "secret")) {
      if (namespace.equals("secret")) {
        post("apps/shop/appnamespaces", "{'name':'secret','format':'properties'}", boss);
      }
      boolean isSecret = namespace.equals("secret");
      post(
          of("/items", namespace),
          isSecret
              ? "{'key':'hidden','value':'hidden-value'}"
              : "{'key':'open','value':'open-value'}",
          boss);
      post(of("/releases", namespace), "{'releaseTitle':'one'}", boss);
      post(of("/items", namespace), "{'key':'drafted','value':'drafted-value'}", boss);
    }
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, SECONDS);
  }

  private String key(String id, Grant... grants) throws Exception {
    Administration administration = new Administration(server.access);
    now(administration.addAccount(OPERATOR, new Identity(Identity.Kind.SERVICE, id), null));
    for (Grant grant : grants) {
      now(administration.grant(OPERATOR, id, grant));
    }
    return ((Change.KeyMade) now(administration.createKey(OPERATOR, id, "test", Session.NEVER)))
        .text();
  }

  private static Grant read(String topic) {
    return new Grant(Right.READ, new TopicPattern(topic));
  }

  private static Grant publish(String topic) {
    return new Grant(Right.PUBLISH, new TopicPattern(topic));
  }

  private HttpResponse<String> get(String path, String key) throws Exception {
    return ApolloServer.send(server.request(path).header("Authorization", "Bearer " + key).build());
  }

  private HttpResponse<String> post(String path, String json, String key) throws Exception {
    return ApolloServer.send(
        server
            .request("/openapi/v1/" + path)
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json.replace('\'', '"')))
            .build());
  }

  /** All that the calls which only read say to somebody. */
  private String all(String key) throws Exception {
    StringBuilder all = new StringBuilder();
    for (String path : GETS) {
      all.append(get("/openapi/v1/" + path, key).body()).append('\n');
    }
    return all.toString();
  }

  @Test
  void whoMayReadAllIsToldAll() throws Exception {
    assertThat(all(boss))
        .contains("open-value", "hidden-value", "drafted-value", "the guild", "secret");
  }

  @Test
  void whoMayReadOneNamespaceIsToldNothingOfAnother() throws Exception {
    String ann = key("ann", read(APPLICATION));
    assertThat(all(ann)).contains("open-value", "drafted-value").doesNotContain("hidden-value");
    assertThat(get("/openapi/v1/" + NAMESPACES, ann).body()).doesNotContain("secret");
  }

  @Test
  void whoMayReadAnotherApplicationIsToldNothingOfThisOne() throws Exception {
    String bob = key("bob", read("config/public/other/#"));
    assertThat(all(bob)).doesNotContain("-value", "the guild");
  }

  @Test
  void whoMayOnlyPublishIsToldNothing() throws Exception {
    String cid = key("cid", publish(SHOP + "#"));
    assertThat(all(cid)).doesNotContain("-value");
    assertThat(post(of("/releases"), "{'releaseTitle':'x'}", cid))
        .matches(released -> released.statusCode() == 200)
        .extracting(HttpResponse::body)
        .asString()
        .doesNotContain("-value");
  }

  @Test
  void whatIsPublicOfSomebodyElseKeepsNobodyFromHisOwn() throws Exception {
    String evil = key("evil", publish("config/public/evil/#"), read("config/public/evil/#"));
    assertThat(post("apps/evil/appnamespaces", "{'name':'application','isPublic':true}", evil))
        .matches(refused -> refused.statusCode() == 400)
        .extracting(HttpResponse::body)
        .asString()
        .contains("every application's own");
    server.publish(new ConfigKey("", "shop", "FX.properties"), "mine=1\n");
    server.publish(new ConfigKey("", "evil", "FX.properties"), "theirs=1\n");
    assertThat(post("apps/evil/appnamespaces", "{'name':'FX','isPublic':true}", evil).statusCode())
        .isEqualTo(200);

    String dan = key("dan", read(SHOP + "#"));
    assertThat(get("/configs/shop/default/FX", dan))
        .matches(answer -> answer.statusCode() == 200)
        .extracting(HttpResponse::body)
        .asString()
        .contains("mine")
        .doesNotContain("theirs");
    String known = ApolloServer.encode("[{\"namespaceName\":\"FX\",\"notificationId\":-1}]");
    assertThat(
            get("/notifications/v2?appId=shop&cluster=default&notifications=" + known, dan)
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void anApplicationIsMadeOnce() throws Exception {
    assertThat(post("apps", "{'app':{'appId':'shop','name':'again'}}", boss))
        .matches(refused -> refused.statusCode() == 400)
        .extracting(HttpResponse::body)
        .asString()
        .contains("is there");
    assertThat(get("/openapi/v1/apps", boss).body()).contains("the guild");
  }
}
