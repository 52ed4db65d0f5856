package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.ctrip.framework.apollo.openapi.client.ApolloOpenApiClient;
import com.ctrip.framework.apollo.openapi.dto.OpenGrayReleaseRuleDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenItemDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenNamespaceDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenReleaseDTO;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.posthaste.config.ConfigKey;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Branches and instances of the open API. Its official client knows what a branch is called in an
 * answer and edits its items; the other calls it has no method for.
 */
final class BranchesTest {
  private static final ConfigKey KEY = new ConfigKey("", "shop", "application.properties");
  private static final String BRANCH = "default--branch";
  private static final String ROOT =
      "/openapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/Application/";
  private static final String ONE = ROOT + "branches/" + BRANCH;
  private static final String TITLE = "{\"releaseTitle\":\"first\",\"releasedBy\":\"ann\"}";
  private static final Gson GSON =
      new GsonBuilder().setDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSSZ").create();

  private ApolloServer server;
  private ApolloOpenApiClient client;

  @BeforeEach
  void start() throws Exception {
    server = new ApolloServer();
    client = ApolloOpenApiClient.newBuilder().withPortalUrl(server.url()).withToken("any").build();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private HttpResponse<String> call(String method, String path, String json) throws Exception {
    return ApolloServer.send(
        server.request(path).method(method, BodyPublishers.ofString(json)).build());
  }

  private String good(String method, String path, String json) throws Exception {
    HttpResponse<String> answer = call(method, path, json);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private void set(String cluster, String key, String value) {
    OpenItemDTO item = new OpenItemDTO();
    item.setKey(key);
    item.setValue(value);
    item.setDataChangeCreatedBy("ann");
    client.createOrUpdateItem("shop", "DEV", cluster, "application", item);
  }

  private String seen(String address, String label, String key) throws Exception {
    return server
        .json("/configs/shop/default/application?ip=" + address + "&label=" + label)
        .path("configurations")
        .path(key)
        .asText();
  }

  private String content() throws Exception {
    return server.configs.get(KEY).toCompletableFuture().get().orElseThrow().content().utf8();
  }

  @Test
  void aBranchIsSeenByWhomItsRulesNameAndIsMerged() throws Exception {
    assertThat(call("POST", ROOT + "branches?operator=ann", "").statusCode()).isEqualTo(409);
    server.publish(KEY, "# prices\na=1\nb=1\n");
    assertThat(good("GET", ROOT + "branches", "")).isEqualTo("null");
    OpenNamespaceDTO made =
        GSON.fromJson(good("POST", ROOT + "branches?operator=ann", ""), OpenNamespaceDTO.class);
    assertThat(made.getClusterName()).isEqualTo(BRANCH);
    assertThat(made.getItems()).isEmpty();
    assertThat(call("POST", ROOT + "branches?operator=ann", "").statusCode()).isEqualTo(400);

    set(BRANCH, "a", "9");
    set(BRANCH, "c", "9");
    set(BRANCH, "d", "9");
    client.removeItem("shop", "DEV", BRANCH, "application", "d", "ann");
    assertThat(client.getItem("shop", "DEV", BRANCH, "application", "b")).isNull();
    good(
        "PUT",
        ONE + "/rules?operator=ann",
        "{\"ruleItems\":[{\"clientAppId\":\"shop\",\"clientIpList\":[\"10.0.0.7\"],"
            + "\"clientLabelList\":[\"canary\"]}]}");
    assertThat(seen("10.0.0.7", "", "a")).isEqualTo("1"); // it is not released
    var poll = server.poll("shop", told());
    OpenReleaseDTO released =
        GSON.fromJson(good("POST", ONE + "/releases", TITLE), OpenReleaseDTO.class);
    assertThat(poll.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(released.getConfigurations())
        .containsEntry("a", "9")
        .containsEntry("b", "1")
        .containsEntry("c", "9")
        .hasSize(3);
    assertThat(seen("10.0.0.7", "", "a")).isEqualTo("9");
    assertThat(seen("10.0.0.8", "canary", "a")).isEqualTo("9");
    assertThat(seen("10.0.0.8", "", "a")).isEqualTo("1");
    OpenGrayReleaseRuleDTO rules =
        GSON.fromJson(good("GET", ONE + "/rules", ""), OpenGrayReleaseRuleDTO.class);
    assertThat(rules.getRuleItems())
        .singleElement()
        .satisfies(
            rule -> {
              assertThat(rule.getClientAppId()).isEqualTo("shop");
              assertThat(rule.getClientIpList()).containsExactly("10.0.0.7");
              assertThat(rule.getClientLabelList()).containsExactly("canary");
            });

    // What another door publishes meanwhile is in the branch with its next release.
    server.publish(KEY, "# prices\na=1\nb=2\n");
    good(
        "POST",
        ONE + "/gray-del-releases",
        "{\"releaseTitle\":\"without\",\"releasedBy\":\"ann\",\"grayDelKeys\":[\"c\"]}");
    assertThat(seen("10.0.0.7", "", "b")).isEqualTo("2");
    assertThat(seen("10.0.0.7", "", "c")).isEmpty();
    set("default", "b", "3"); // by the open API it follows at once
    good("POST", ROOT + "releases", TITLE);
    assertThat(seen("10.0.0.7", "", "b")).isEqualTo("3");
    assertThat(seen("10.0.0.7", "", "a")).isEqualTo("9");
    good("PUT", ONE + "/rules?operator=ann", "{\"ruleItems\":[]}");
    assertThat(seen("10.0.0.7", "", "a")).isEqualTo("1");

    good("POST", ONE + "/merge?deleteBranch=true", TITLE);
    assertThat(content()).isEqualTo("# prices\na=9\nb=3\n");
    assertThat(good("GET", ROOT + "branches", "")).isEqualTo("null");
    assertThat(server.configs.grays().of(KEY)).isEmpty();
  }

  private String told() {
    return "[{\"namespaceName\":\"application\",\"notificationId\":%d}]"
        .formatted(server.configs.stamp(KEY));
  }

  @Test
  void whatIsNotThereOrMakesNoSenseIsRefused() throws Exception {
    server.publish(KEY, "a=1\n");
    String items = ROOT.replace("/default/", "/" + BRANCH + "/") + "items";
    assertThat(call("GET", items, "").statusCode()).isEqualTo(404);
    assertThat(call("POST", items, "{\"key\":\"a\",\"value\":\"2\"}").statusCode()).isEqualTo(404);
    for (String path : new String[] {"/rules", "/releases", "/merge", "/gray-del-releases"}) {
      String method = path.equals("/rules") ? "PUT" : "POST";
      String body = path.equals("/rules") ? "{\"ruleItems\":[]}" : TITLE;
      assertThat(call(method, ONE + path, body).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(call("DELETE", ONE + "?operator=ann", "").statusCode()).isEqualTo(404);
    good("POST", ROOT + "branches?operator=ann", "");
    assertThat(call("DELETE", ROOT + "branches/other", "").statusCode()).isEqualTo(404);
    for (String rules : new String[] {"1", "[1]", "[{\"clientIpList\":[\"*\"]}]"}) {
      HttpResponse<String> answer = call("PUT", ONE + "/rules", "{\"ruleItems\":" + rules + "}");
      assertThat(answer.statusCode()).as(rules).isEqualTo(400);
      assertThat(answer.body()).contains("expected");
    }
    String releases = ROOT.replace("/default/", "/" + BRANCH + "/") + "releases";
    assertThat(call("POST", releases, TITLE).statusCode()).isEqualTo(400);

    set(BRANCH, "a", "2");
    good("DELETE", ONE + "?operator=ann", "");
    good("POST", ROOT + "branches?operator=ann", "");
    assertThat(server.json(ROOT + "branches").path("items")).isEmpty();
    set(BRANCH, "a", "2");
    server.publish(KEY, "a=3\n"); // by somebody who has not seen that
    assertThat(call("POST", ONE + "/merge", TITLE).statusCode()).isEqualTo(409);
    assertThat(content()).isEqualTo("a=3\n");
  }

  @Test
  void instancesAreCounted() throws Exception {
    server.publish(KEY, "a=1\n");
    assertThat(client.getInstanceCountByNamespace("shop", "DEV", "default", "application"))
        .isZero();
    var poll = server.poll("shop", told());
    await().atMost(Duration.ofSeconds(60)).until(() -> server.door.listened() == 1);
    server.get("/configs/shop/default/application");
    assertThat(client.getInstanceCountByNamespace("shop", "DEV", "default", "application"))
        .isEqualTo(1);
    assertThat(poll).isNotDone();
  }
}
