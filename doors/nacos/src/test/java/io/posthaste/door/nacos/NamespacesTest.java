package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.Expected;
import io.posthaste.config.NamespaceQuota;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Namespaces, histories and what is not there, as v1, v2 and v3 have them over HTTP. */
final class NamespacesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private NacosServer server;

  @BeforeEach
  void start() throws Exception {
    server = new NacosServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private HttpResponse<String> call(String method, String path, String form) throws Exception {
    return NacosServer.send(
        HttpRequest.newBuilder(URI.create("http://" + server.place() + "/nacos" + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .method(method, BodyPublishers.ofString(form))
            .build());
  }

  private JsonNode json(String method, String path, String form) throws Exception {
    return JSON.readTree(call(method, path, form).body());
  }

  private void limitShopToOne() throws Exception {
    long none = NamespaceQuota.UNLIMITED;
    server
        .configs
        .namespaces()
        .put(
            "shop",
            "",
            "",
            new NamespaceQuota(1, none, none),
            ConfigAttributes.NONE,
            Expected.ANYTHING)
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  @Test
  void theConsoleOfV1MakesChangesAndRemovesThem() throws Exception {
    String path = "/v1/console/namespaces";
    String check = path + "?checkNamespaceIdExist=true&customNamespaceId=shop";
    assertThat(call("GET", check, "").body()).isEqualTo("false");
    assertThat(
            call("POST", path, "customNamespaceId=shop&namespaceName=The+shop&namespaceDesc=x")
                .body())
        .isEqualTo("true");
    assertThat(call("GET", check, "").body()).isEqualTo("true");
    assertThat(call("POST", path, "customNamespaceId=shop&namespaceName=Again").statusCode())
        .isEqualTo(409);
    assertThat(call("PUT", path, "namespace=shop&namespaceShowName=Shop&namespaceDesc=y").body())
        .isEqualTo("true");
    assertThat(call("GET", path + "?show=all&namespaceId=shop", "").body())
        .isEqualTo(
            "{\"namespace\":\"shop\",\"namespaceShowName\":\"Shop\",\"namespaceDesc\":\"y\","
                + "\"quota\":0,\"configCount\":0,\"type\":2}");
    assertThat(call("POST", path, "namespaceName=Unnamed").body()).isEqualTo("true");
    assertThat(json("GET", path, "").path("data").size()).isEqualTo(3);

    server.post("/cs/configs", "dataId=a&group=G&tenant=shop&content=v");
    HttpResponse<String> refused = call("DELETE", path + "?namespaceId=shop", "");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("has 1 config (expected: none; delete them first)");
    server.delete("/cs/configs?dataId=a&group=G&tenant=shop");
    assertThat(call("DELETE", path + "?namespaceId=shop", "").body()).isEqualTo("true");
    assertThat(call("DELETE", path + "?namespaceId=", "").statusCode()).isEqualTo(409);
    assertThat(call("PUT", path, "namespace=none&namespaceShowName=x").statusCode()).isEqualTo(404);
    assertThat(call("POST", path, "customNamespaceId=a/b&namespaceName=x").statusCode())
        .isEqualTo(400);
  }

  @Test
  void theConsoleOfV2AnswersInResults() throws Exception {
    String path = "/v2/console/namespace";
    assertThat(json("POST", path, "namespaceId=shop&namespaceName=Shop").path("data").asBoolean())
        .isTrue();
    assertThat(json("GET", path + "?namespaceId=shop", "").at("/data/namespaceShowName").asText())
        .isEqualTo("Shop");
    assertThat(json("GET", path + "/list", "").path("data").findValuesAsText("namespace"))
        .containsExactly("", "shop");
    assertThat(json("DELETE", path + "?namespaceId=shop", "").path("data").asBoolean()).isTrue();
    JsonNode absent = json("GET", path + "?namespaceId=shop", "");
    assertThat(absent.path("code").asInt()).isEqualTo(20_004);
    assertThat(absent.path("message").asText()).contains("there is no namespace \"shop\"");
  }

  @Test
  void aPublicationOverTheQuotaIsRefusedByEachVersion() throws Exception {
    limitShopToOne();
    String first = "dataId=a&group=G&tenant=shop&content=v";
    assertThat(server.post("/cs/configs", first).body()).isEqualTo("true");
    HttpResponse<String> v1 = server.post("/cs/configs", "dataId=b&group=G&tenant=shop&content=v");
    assertThat(v1.statusCode()).isEqualTo(409);
    assertThat(v1.body())
        .isEqualTo("namespace \"shop\": has 1 config (expected: at most 1, by its quota)\n");
    JsonNode v2 = json("POST", "/v2/cs/config", "dataId=b&group=G&namespaceId=shop&content=v");
    assertThat(v2.path("code").asInt()).isEqualTo(20_005);
    JsonNode v3 =
        json("POST", "/v3/admin/cs/config", "dataId=b&groupName=G&namespaceId=shop&content=v");
    assertThat(v3.path("message").asText()).contains("at most 1, by its quota");
    assertThat(server.get("/cs/configs?dataId=b&group=G&tenant=shop").statusCode()).isEqualTo(404);
    assertThat(server.post("/cs/configs", first + "2").body()).isEqualTo("true");
  }

  @Test
  void historiesOfV2AreThoseOfV1InResults() throws Exception {
    server.publish("a.yaml", "one");
    server.publish("a.yaml", "two");
    String config = "?dataId=a.yaml&group=G&namespaceId=public";
    JsonNode page = json("GET", "/v2/cs/history/list" + config + "&pageSize=1", "").path("data");
    assertThat(page.path("totalCount").asInt()).isEqualTo(2);
    assertThat(page.at("/pageItems/0/opType").asText()).isEqualTo("U");
    String id = page.at("/pageItems/0/id").asText();
    assertThat(
            json("GET", "/v2/cs/history" + config + "&nid=" + id, "").at("/data/content").asText())
        .isEqualTo("two");
    assertThat(
            json("GET", "/v2/cs/history/previous" + config + "&id=" + id, "")
                .at("/data/content")
                .asText())
        .isEqualTo("one");
    assertThat(json("GET", "/v2/cs/history" + config + "&nid=7x", "").path("code").asInt())
        .isEqualTo(20_002);
    assertThat(
            json("GET", "/v2/cs/history/configs?namespaceId=public", "")
                .at("/data/0/dataId")
                .asText())
        .isEqualTo("a.yaml");
  }

  @Test
  void whatIsNotServedSaysSoInTheWordsOfItsVersion() throws Exception {
    for (String path : new String[] {"/v2/ns/instance", "/v3/admin/ns/service", "/v3/x"}) {
      JsonNode answer = json("GET", path, "");
      assertThat(answer.path("code").asInt()).as(path).isEqualTo(20_004);
      assertThat(answer.path("message").asText()).contains("services are not registered here");
    }
    HttpResponse<String> v1 = call("POST", "/v1/ns/instance", "serviceName=x");
    assertThat(v1.statusCode()).isEqualTo(404);
    assertThat(v1.body()).startsWith("nothing is there (expected: ");
    assertThat(json("GET", "/v3/console/health/liveness", "").path("data").asText())
        .isEqualTo("ok");
    assertThat(json("GET", "/v3/console/health/readiness", "").path("code").asInt()).isZero();
  }

  @Test
  void aCloneOrABatchThatMakesNoSenseIsRefused() throws Exception {
    for (String body :
        new String[] {"", "{}", "[1]", "[{}]", "[]", "[{\"configId\":\"x\"}]", "["}) {
      HttpResponse<String> answer =
          NacosServer.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "http://"
                              + server.place()
                              + "/nacos/v3/admin/cs/config/clone?policy=SKIP"))
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(body))
                  .build());
      assertThat(answer.statusCode()).as(body).isEqualTo(400);
      assertThat(JSON.readTree(answer.body()).path("code").asInt()).as(body).isEqualTo(20_002);
    }
    assertThat(json("DELETE", "/v3/admin/cs/config/batch?ids=1,x", "").path("code").asInt())
        .isEqualTo(20_002);
    assertThat(json("DELETE", "/v3/admin/cs/config/batch?ids=123456", "").path("code").asInt())
        .isEqualTo(20_005);
  }
}
