package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.access.Access;
import io.posthaste.access.Actor;
import io.posthaste.access.Administration;
import io.posthaste.access.Change;
import io.posthaste.access.Grant;
import io.posthaste.access.Identity;
import io.posthaste.access.Right;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.config.GrayVersion;
import io.posthaste.config.Instance;
import io.posthaste.core.Payload;
import io.posthaste.core.TopicPattern;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /v1/configs/…} over HTTP. */
final class ConfigDoorTest {
  private static final ConfigKey KEY = new ConfigKey("public", "G", "a.yaml");
  private static final String GRAY = "/v1/configs/public/G/a.yaml/gray";
  private static final String CANARY = GRAY + "/canary";

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

  private void publish(String content) throws Exception {
    now(configs.publish(KEY, Payload.of(content), ConfigAttributes.NONE, Expected.ANYTHING));
  }

  private HttpResponse<String> call(String method, String path, String body, String... headers)
      throws Exception {
    return server.call(method, path, body, headers);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return call("GET", path, "");
  }

  private static Map<String, Object> json(HttpResponse<String> answer) {
    return TestJson.object(answer.body());
  }

  private String seen(Instance instance) throws Exception {
    return now(configs.get(KEY, instance)).orElseThrow().version().content().utf8();
  }

  @Test
  void aGrayVersionIsMadeShownSteppedAndPromoted() throws Exception {
    publish("old");
    HttpResponse<String> made =
        call(
            "PUT",
            CANARY,
            "{'data':'new','format':'yaml','comment':'try it','rule':{'priority':7,'anyOf':["
                + "{'addresses':['10.0.0.0/8'],'applications':['shop'],"
                + "'labels':{'stage':['canary','beta']}},{'labels':{'tester':['ann']}}]},"
                + "'stages':[0.5,10,100]}",
            "If-None-Match",
            "*");
    assertThat(made.statusCode()).isEqualTo(200);
    String id = String.valueOf(json(made).get("id"));
    assertThat(made.headers().firstValue("ETag")).contains('"' + id + '"');

    Map<String, Object> listed = TestJson.objects(json(get(GRAY)).get("gray")).get(0);
    assertThat(listed)
        .containsEntry("name", "canary")
        .containsEntry("id", id)
        .containsEntry("comment", "try it")
        .containsEntry("format", "yaml")
        .containsEntry("state", "active")
        .containsKeys("at", "md5", "bytes", "base", "stages", "everySeconds")
        .doesNotContainKeys("data", "next", "reason");
    Map<String, Object> shown = json(get(CANARY));
    assertThat(shown).containsEntry("data", "new").containsAllEntriesOf(listed);
    assertThat(get(CANARY).body())
        .contains(
            "\"rule\":{\"priority\":7,\"percent\":0.5,\"anyOf\":["
                + "{\"addresses\":[\"10.0.0.0/8\"],\"applications\":[\"shop\"],"
                + "\"labels\":{\"stage\":[\"canary\",\"beta\"]}},"
                + "{\"addresses\":[],\"applications\":[],\"labels\":{\"tester\":[\"ann\"]}}]}")
        .contains("\"stages\":[0.5,10,100],\"everySeconds\":0");

    assertThat(call("POST", CANARY + "/step", "{'comment':'more'}", "If-Match", '"' + id + '"'))
        .extracting(HttpResponse::statusCode)
        .isEqualTo(200);
    GrayVersion stepped = configs.grays().of(KEY).get(0);
    assertThat(stepped.rule().share()).isEqualTo(1_000);
    assertThat(stepped.attributes().comment()).isEqualTo("more");
    assertThat(call("POST", CANARY + "/step", "", "If-Match", '"' + id + '"').statusCode())
        .isEqualTo(412);

    assertThat(call("POST", CANARY + "/promote", "").statusCode()).isEqualTo(200);
    assertThat(seen(Instance.UNKNOWN)).isEqualTo("new");
    assertThat(get(CANARY).statusCode()).isEqualTo(404);
    assertThat(json(get(GRAY)).get("gray")).isEqualTo(List.of());
    assertThat(call("DELETE", CANARY, "").statusCode()).isEqualTo(204);
  }

  @Test
  void aRuleIsChangedAndTheVersionAborted() throws Exception {
    publish("old");
    Instance pod = new Instance("pod-7", "", "", new TreeMap<>(Map.of("zone", "eu")), "");
    call("PUT", CANARY, "{'data':'new','rule':{'percent':0}}");
    assertThat(seen(pod)).isEqualTo("old");
    call("POST", CANARY + "/rule", "{'rule':{'anyOf':[{'labels':{'zone':['eu']}}]}}");
    assertThat(seen(pod)).isEqualTo("new");
    assertThat(call("DELETE", CANARY, "{'comment':'no good'}").statusCode()).isEqualTo(200);
    assertThat(seen(pod)).isEqualTo("old");
  }

  @Test
  void itIsHeldAndResumedAndNotPromotedOverAnotherChange() throws Exception {
    publish("old");
    call("PUT", CANARY, "{'data':'new','stages':[1,100],'everySeconds':86400}");
    assertThat(get(CANARY).body()).contains("\"next\":\"");
    call("POST", CANARY + "/hold", "{'comment':'wait for ann'}");
    assertThat(get(CANARY).body())
        .contains("\"state\":\"held\",\"reason\":\"wait for ann\"")
        .doesNotContain("\"next\"");
    call("POST", CANARY + "/resume", "");
    assertThat(get(CANARY).body()).contains("\"state\":\"active\"", "\"next\":\"");

    publish("fixed");
    HttpResponse<String> refused = call("POST", CANARY + "/promote", "");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(json(refused)).containsEntry("code", "refused");
    assertThat(call("POST", CANARY + "/promote", "{'over':true}").statusCode()).isEqualTo(200);
    assertThat(seen(Instance.UNKNOWN)).isEqualTo("new");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{'data':'x'}",
        "{'rule':{}}",
        "{'data':7,'rule':{}}",
        "{'data':'x','rule':[]}",
        "{'data':'x','rule':{'colour':'red'}}",
        "{'data':'x','rule':{'percent':101}}",
        "{'data':'x','rule':{'percent':-1}}",
        "{'data':'x','rule':{'percent':0.001}}",
        "{'data':'x','rule':{'percent':1e9}}",
        "{'data':'x','rule':{'percent':'1e999999'}}", // its hundredfold has a million digits
        "{'data':'x','rule':{'percent':'many'}}",
        "{'data':'x','rule':{'priority':1001}}",
        "{'data':'x','rule':{'anyOf':[{}]}}",
        "{'data':'x','rule':{'anyOf':[7]}}",
        "{'data':'x','rule':{'anyOf':{}}}",
        "{'data':'x','rule':{'anyOf':[{'addresses':['pod']}]}}",
        "{'data':'x','rule':{'anyOf':[{'labels':{'a':'b'}}]}}",
        "{'data':'x','stages':[10,1]}",
        "{'data':'x','stages':[0]}",
        "{'data':'x','stages':[{}]}",
        "{'data':'x','stages':7}",
        "{'data':'x','stages':[1],'everySeconds':-1}",
        "{'data':'x','stages':[1],'everySeconds':99999999}",
        "{'data':'x','rule':{},'colour':'red'}",
        "{'data':'x','rule':{},'data':'y'}"
      })
  void whatMakesNoSenseIsRefusedAndNothingIsDone(String body) throws Exception {
    HttpResponse<String> answer = call("PUT", CANARY, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(json(answer)).containsEntry("code", "malformed");
    assertThat(configs.grays().of(KEY)).isEmpty();
  }

  @Test
  void whatIsNotThereIsSaid() throws Exception {
    assertThat(get(CANARY).statusCode()).isEqualTo(404);
    assertThat(call("POST", CANARY + "/step", "").statusCode()).isEqualTo(404);
    assertThat(call("POST", CANARY + "/fly", "").body()).contains("expected: rule, step");
    assertThat(call("POST", CANARY, "").statusCode()).isEqualTo(400);
    assertThat(call("PUT", GRAY, "{}").statusCode()).isEqualTo(400);
    assertThat(get("/v1/configs/public/G/a.yaml/grey").body()).contains("/gray");
    assertThat(get("/v1/configs/public/G").statusCode()).isEqualTo(400);
    assertThat(get("/v1/configs/public/G/a%20b/gray").body()).contains("name: ");
    assertThat(get(GRAY + "/a%2Fb").body()).contains("gray: ");
    assertThat(get(GRAY + "?x=1").statusCode()).isEqualTo(400);
  }

  @Test
  void toSeeThemNeedsReadAndToChangeThemPublishOnTheConfig() throws Exception {
    Administration administration = new Administration(access);
    Actor operator = new Actor("test", "127.0.0.1", "test");
    now(administration.addAccount(operator, new Identity(Identity.Kind.USER, "first"), null));
    String[] tokens = new String[3];
    List<Right> rights = List.of(Right.READ, Right.PUBLISH);
    for (int i = 0; i < tokens.length; i++) {
      String name = "user" + i;
      now(administration.addAccount(operator, new Identity(Identity.Kind.USER, name), null));
      if (i > 0) {
        TopicPattern pattern = new TopicPattern(i == 2 ? "config/public/G/a.yaml" : "config/#");
        now(administration.grant(operator, name, new Grant(rights.get(i - 1), pattern)));
      }
      Change made = now(administration.createKey(operator, name, "test", Session.NEVER));
      tokens[i] = "Bearer " + ((Change.KeyMade) made).text();
    }
    String body = "{'data':'new','rule':{'percent':1}}";

    assertThat(call("PUT", CANARY, body, "Authorization", tokens[0]).statusCode()).isEqualTo(403);
    assertThat(call("PUT", CANARY, body, "Authorization", tokens[1]).statusCode()).isEqualTo(403);
    assertThat(call("PUT", CANARY, body, "Authorization", tokens[2]).statusCode()).isEqualTo(200);
    assertThat(call("GET", GRAY, "", "Authorization", tokens[0]).statusCode()).isEqualTo(403);
    assertThat(call("GET", GRAY, "", "Authorization", tokens[2]).statusCode()).isEqualTo(403);
    assertThat(call("GET", GRAY, "", "Authorization", tokens[1]).body())
        .contains("\"author\":\"user2\"");
    assertThat(get(GRAY).statusCode()).isEqualTo(401);
  }
}
