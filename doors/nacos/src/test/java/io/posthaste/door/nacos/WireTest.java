package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.config.Md5;
import io.posthaste.core.Payload;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exact answers to what clients send. */
final class WireTest {
  private NacosServer server;

  @BeforeEach
  void start() throws Exception {
    server = new NacosServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static String md5(String content) {
    return Md5.of(Payload.of(content)).toString();
  }

  @Test
  void aContentComesWithItsTypeAndDigest() throws Exception {
    HttpResponse<String> published =
        server.post(
            "/cs/configs?dataId=a.yaml&group=G",
            "content=k%3A+%E4%B8%AD&type=yaml&encryptedDataKey=key&src_user=ann&");
    assertThat(published.body()).isEqualTo("true");

    HttpResponse<String> got = server.get("/cs/configs?dataId=a.yaml&group=G");

    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(got.body()).isEqualTo("k: 中");
    assertThat(got.headers().firstValue("Config-Type")).contains("yaml");
    assertThat(got.headers().firstValue("Content-MD5")).contains(md5("k: 中"));
    assertThat(got.headers().firstValue("Content-Type")).contains("text/plain;charset=UTF-8");
    assertThat(got.headers().firstValue("Encrypted-Data-Key")).contains("key");
    assertThat(got.headers().firstValue("Cache-Control")).contains("no-cache,no-store");
    assertThat(got.headers().firstValue("Last-Modified").orElseThrow()).endsWith(" GMT");
  }

  @Test
  void whatIsNotThereIs404AndDeletedAnyway() throws Exception {
    HttpResponse<String> got = server.get("/cs/configs?dataId=a&group=G");
    assertThat(got.statusCode()).isEqualTo(404);
    assertThat(got.body()).isEqualTo("config data not exist\n");
    assertThat(server.delete("/cs/configs?dataId=a&group=G").body()).isEqualTo("true");
  }

  @Test
  void absentEmptyAndPublicNamespaceAreOne() throws Exception {
    server.post("/cs/configs", "dataId=a&group=G&tenant=&content=x");
    for (String tenant : new String[] {"", "&tenant=", "&tenant=public"}) {
      assertThat(server.get("/cs/configs?dataId=a&group=G" + tenant).body()).isEqualTo("x");
    }
    assertThat(server.get("/cs/configs?dataId=a&group=G&tenant=dev").statusCode()).isEqualTo(404);
  }

  @Test
  void comparesBeforeItSets() throws Exception {
    server.publish("a", "1");
    assertThat(server.publish("a", "2", "casMd5", md5("other")).statusCode()).isEqualTo(409);
    assertThat(server.publish("a", "2", "CASMD5", md5("1")).body()).isEqualTo("true");
    assertThat(server.get("/cs/configs?dataId=a&group=G").body()).isEqualTo("2");
  }

  @Test
  void whatCannotBeDoneIsRefused() throws Exception {
    assertThat(server.post("/cs/configs", "dataId=a&group=G&content=1&import=true").statusCode())
        .isEqualTo(400);
    assertThat(server.delete("/cs/configs?delType=ids&ids=1").statusCode()).isEqualTo(400);
    assertThat(server.get("/cs/configs?dataId=a&group=G").statusCode()).isEqualTo(404);
  }

  @Test
  void malformedRequestsAreToldWhatWouldBeRight() throws Exception {
    assertThat(server.get("/cs/configs?dataId=a").body()).contains("group: missing");
    assertThat(server.get("/cs/configs?dataId=a%20b&group=G").body()).contains("name: \"a b\"");
    assertThat(server.publish("a", "").body()).contains("content: missing");
    assertThat(server.publish("a", "x", "casMd5", "zz").statusCode()).isEqualTo(400);
    assertThat(server.get("/cs/configs?search=no&dataId=&group=").statusCode()).isEqualTo(400);
    assertThat(server.get("/cs/history?dataId=a&group=G&nid=x").statusCode()).isEqualTo(400);
    assertThat(server.post("/cs/configs?dataId=a&group=G&content=x", "%zz").statusCode())
        .isEqualTo(400);
  }

  @Test
  void contentsOfTenMebibytesAreTakenAndLargerOnesAreNot() throws Exception {
    String large = "中".repeat((10 << 20) / 3);
    assertThat(server.publish("a", large).body()).isEqualTo("true");
    assertThat(server.get("/cs/configs?dataId=a&group=G").body()).isEqualTo(large);
    assertThat(server.publish("b", large + "中").statusCode()).isEqualTo(413);
  }

  @Test
  void historyTellsWhatCameOfEachChange() throws Exception {
    server.publish("a", "1");
    server.publish("a", "2");
    server.delete("/cs/configs?dataId=a&group=G");

    var page =
        Answers.JSON.readTree(
            server.get("/cs/history?search=accurate&dataId=a&group=G&pageSize=2").body());
    assertThat(page.path("totalCount").asInt()).isEqualTo(3);
    assertThat(page.path("pagesAvailable").asInt()).isEqualTo(2);
    assertThat(page.at("/pageItems/0/opType").asText()).isEqualTo("D");
    assertThat(page.at("/pageItems/1/opType").asText()).isEqualTo("U");
    String second = page.at("/pageItems/1/id").asText();
    String by = "dataId=a&group=G&";
    assertThat(server.get("/cs/history?" + by + "nid=" + second).body())
        .contains("\"content\":\"2\"");
    assertThat(server.get("/cs/history/previous?" + by + "id=" + second).body())
        .contains("\"content\":\"1\"")
        .contains("\"opType\":\"I\"");
    assertThat(server.get("/cs/history?" + by + "nid=9999").statusCode()).isEqualTo(404);
  }

  @Test
  void findsConfigsByName() throws Exception {
    server.publish("a.yaml", "1");
    server.publish("b.yaml", "2");
    var page =
        Answers.JSON.readTree(
            server.get("/cs/configs?search=blur&dataId=*.yaml&group=&pageNo=2&pageSize=1").body());
    assertThat(page.path("totalCount").asInt()).isEqualTo(2);
    assertThat(page.at("/pageItems/0/content").asText()).isEqualTo("2");
    assertThat(server.get("/cs/configs?show=all&dataId=a.yaml&group=G").body())
        .contains("\"md5\":\"" + md5("1") + "\"");
    assertThat(server.get("/console/namespaces").body())
        .contains("\"namespaceShowName\":\"public\"", "\"configCount\":2");
  }

  @Test
  void probesAreAnswered() throws Exception {
    assertThat(server.get("/console/health/liveness").body()).isEqualTo("OK");
    assertThat(server.get("/console/health/readiness").body()).isEqualTo("OK");
    assertThat(server.get("/cs/health").body()).isEqualTo("UP");
    assertThat(server.get("/ns/operator/metrics").body()).isEqualTo("{\"status\":\"UP\"}");
    assertThat(server.get("/console/server/state").body()).contains("\"auth_enabled\":\"false\"");
  }

  @Test
  void beforeAnybodyIsKnownAnyLoginIsWelcome() throws Exception {
    HttpResponse<String> login = server.post("/auth/users/login?username=u", "password=p&");
    assertThat(login.body()).contains("\"accessToken\":\"anybody\",\"tokenTtl\":18000");
    assertThat(server.get("/cs/configs?dataId=a&group=G&accessToken=anybody").statusCode())
        .isEqualTo(404);
  }
}
