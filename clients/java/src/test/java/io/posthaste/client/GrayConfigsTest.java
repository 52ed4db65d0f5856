package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.posthaste.junit.PosthasteExtension;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gray versions reach those for whom they are meant, and the server knows who has what. */
final class GrayConfigsTest {
  private static final long SEED = Long.getLong("posthaste.seed", 5);
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final String CANARIES = "{'anyOf':[{'labels':{'stage':['canary']}}]}";
  private static final String NOBODY = "{'percent':0}";

  @RegisterExtension static final PosthasteExtension SERVER = PosthasteExtension.onDisk();

  @TempDir private Path directory;

  private static PosthasteBuilder builder(String instance, Technique... techniques) {
    PosthasteBuilder builder =
        Posthaste.builder()
            .node(SERVER.url())
            .application("shop")
            .instance(instance)
            .backoff(Duration.ofMillis(20), Duration.ofMillis(200))
            .requestLimit(Duration.ofSeconds(20));
    return techniques.length == 0 ? builder : builder.techniques(techniques);
  }

  private static JsonNode call(String method, ConfigName name, String rest, String json)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(SERVER.url() + "/v1/configs/" + name + rest))
            .method(method, BodyPublishers.ofString(json.replace('\'', '"')))
            .build();
    HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).describedAs(answer.body()).isBetween(200, 299);
    return JSON.readTree(answer.body());
  }

  private static void start(ConfigName name, String content, String rule) throws Exception {
    call("PUT", name, "/gray/g", "{'data':'" + content + "','rule':" + rule + "}");
  }

  private static void rule(ConfigName name, String rule) throws Exception {
    call("POST", name, "/gray/g/rule", "{'rule':" + rule + "}");
  }

  private static List<String> contents(Told told) {
    List<String> contents = new ArrayList<>();
    told.all().forEach(change -> contents.add(change.now().map(Config::content).orElse("-")));
    return contents;
  }

  @ParameterizedTest
  @EnumSource(names = {"WEBSOCKET", "SSE", "LONG_POLL"})
  void whoeverItIsMeantForIsToldOfItAndTheOthersAreNot(Technique technique) throws Exception {
    ConfigName name = ConfigName.of("gray", "a." + technique);
    try (Posthaste publisher = builder("publisher").build();
        Posthaste canary = builder("c1", technique).label("stage", "canary").build();
        Posthaste other = builder("o1", technique).build()) {
      publisher.configs().publish(ConfigEdit.of(name, "v1"));
      Told canaryTold = new Told();
      Told otherTold = new Told();
      canary.configs().listen(name, canaryTold);
      other.configs().listen(name, otherTold);
      canaryTold.awaitLast("v1");
      otherTold.awaitLast("v1");

      start(name, "g1", CANARIES);
      canaryTold.awaitLast("g1");
      assertThat(canary.configs().get(name).orElseThrow().gray()).contains("g");
      assertThat(other.configs().get(name).orElseThrow().content()).isEqualTo("v1");

      publisher.configs().publish(ConfigEdit.of(name, "v2"));
      otherTold.awaitLast("v2");
      rule(name, NOBODY);
      canaryTold.awaitLast("v2");
      rule(name, CANARIES);
      canaryTold.awaitLast("g1");

      // Who comes now begins with the gray one.
      try (Posthaste late = builder("c2", technique).label("stage", "canary").build()) {
        Told lateTold = new Told();
        late.configs().listen(name, lateTold);
        lateTold.awaitLast("g1");
        call("DELETE", name, "/gray/g", "");
        lateTold.awaitLast("v2");
        assertThat(contents(lateTold)).containsExactly("g1", "v2");
      }
      canaryTold.awaitLast("v2");
      start(name, "g2", CANARIES);
      canaryTold.awaitLast("g2");
      call("POST", name, "/gray/g/promote", "{}");
      otherTold.awaitLast("g2");
      publisher.configs().publish(ConfigEdit.of(name, "v4"));
      otherTold.awaitLast("v4");
      canaryTold.awaitLast("v4");
      assertThat(contents(otherTold)).containsExactly("v1", "v2", "g2", "v4");
      assertThat(contents(canaryTold))
          .containsSubsequence("v1", "g1", "v2", "g1", "v2", "g2", "v4")
          .doesNotContain("-");
      assertThat(ids(canaryTold)).doesNotHaveDuplicates();
    }
  }

  /** Of two in a row, so that what comes again counts only if something was between. */
  private static List<String> ids(Told told) {
    List<String> ids = new ArrayList<>();
    String before = "";
    int count = 0;
    for (ConfigChange change : told.all()) {
      String id = change.now().map(Config::id).orElse("-");
      count += id.equals(before) ? 0 : 1;
      ids.add(count + " " + id);
      before = id;
    }
    return ids;
  }

  @Test
  void whateverComesAndGoesTheLastThatIsToldIsWhatIsMeant() throws Exception {
    Random random = new Random(SEED);
    int configs = 20;
    try (Posthaste publisher = builder("publisher").build();
        Posthaste canary = builder("c1", Technique.WEBSOCKET).label("stage", "canary").build();
        Posthaste other = builder("o1", Technique.SSE).build()) {
      List<ConfigName> names = new ArrayList<>();
      List<Told> canaryTold = new ArrayList<>();
      List<Told> otherTold = new ArrayList<>();
      List<String> forAll = new ArrayList<>();
      List<String> gray = new ArrayList<>();
      for (int i = 0; i < configs; i++) {
        names.add(ConfigName.of("hunt", "c" + i));
        forAll.add("-");
        gray.add("");
        canaryTold.add(new Told());
        otherTold.add(new Told());
        canary.configs().listen(names.get(i), canaryTold.get(i));
        other.configs().listen(names.get(i), otherTold.get(i));
      }
      for (int i = 0; i < 300; i++) {
        int which = random.nextInt(configs);
        ConfigName name = names.get(which);
        int what = random.nextInt(3);
        if (what == 0 || forAll.get(which).equals("-")) {
          forAll.set(which, "v" + i);
          publisher.configs().publish(ConfigEdit.of(name, "v" + i));
        } else if (gray.get(which).isEmpty()) {
          gray.set(which, "g" + i);
          start(name, "g" + i, CANARIES);
        } else if (what == 1) {
          gray.set(which, "");
          call("DELETE", name, "/gray/g", "");
        } else {
          gray.set(which, "");
          forAll.set(which, "-");
          rule(name, NOBODY);
          publisher.configs().delete(name);
          call("DELETE", name, "/gray/g", "");
        }
      }
      for (int i = 0; i < configs; i++) {
        String all = forAll.get(i).replace("-", "");
        otherTold.get(i).awaitLast(all);
        canaryTold.get(i).awaitLast(gray.get(i).isEmpty() ? all : gray.get(i));
        assertThat(ids(canaryTold.get(i))).doesNotHaveDuplicates();
        assertThat(contents(otherTold.get(i)).toString()).doesNotContain("g");
      }
    }
  }

  @Test
  void theServerKnowsWhoHasWhat() throws Exception {
    ConfigName name = ConfigName.of("who", "a.yaml");
    try (Posthaste publisher = builder("publisher").build();
        Posthaste canary = builder("c1").label("stage", "canary").build();
        Posthaste other = builder("o1").build()) {
      publisher.configs().publish(ConfigEdit.of(name, "v1"));
      canary.configs().listen(name, new Told());
      other.configs().listen(name, new Told());
      awaitWho(name, 2);
      Published v2 = publisher.configs().publish(ConfigEdit.of(name, "v2"));
      awaitVersion(name, "c1", v2.id());
      awaitVersion(name, "o1", v2.id());
      start(name, "g1", CANARIES);
      String gray = call("GET", name, "/gray/g", "").path("id").asText();
      awaitVersion(name, "c1", gray);
      JsonNode one = instance(name, "c1");
      assertThat(one.path("application").asText()).isEqualTo("shop");
      assertThat(one.path("labels").path("stage").asText()).isEqualTo("canary");
      assertThat(one.path("door").asText()).isEqualTo("native");
      assertThat(one.path("client").asText()).startsWith("java");
      JsonNode change = call("GET", name, "/propagation", "").path("changes");
      assertThat(change.findValuesAsText("id")).contains(v2.id());
      // A roll-out goes on only when they have it.
      call(
          "PUT",
          name,
          "/gray/g",
          "{'data':'g2','rule':{},'stages':[1,100],'everySeconds':1}"
              .replace("{}", "{'percent':1}"));
      Awaitility.await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(publisher.configs().get(name).orElseThrow().content())
                      .isEqualTo("g2"));
    }
  }

  private static JsonNode instance(ConfigName name, String id) throws Exception {
    for (JsonNode one : call("GET", name, "/instances", "").path("instances")) {
      if (one.path("instance").asText().equals(id)) {
        return one;
      }
    }
    return JSON.createObjectNode();
  }

  private static void awaitVersion(ConfigName name, String instance, String id) {
    Awaitility.await(instance + " to have " + id)
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(instance(name, instance).path("has").path("id").asText()).isEqualTo(id));
  }

  private static void awaitWho(ConfigName name, int count) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(call("GET", name, "/instances", "").path("count").asInt())
                    .isEqualTo(count));
  }

  @Test
  void itComesBackToTheOneForAllAlsoFromASnapshotOfAGrayOne() throws Exception {
    ConfigName name = ConfigName.of("kept", "a");
    try (Posthaste publisher = builder("publisher").build()) {
      publisher.configs().publish(ConfigEdit.of(name, "v1"));
      start(name, "g1", CANARIES);
      Config kept;
      try (Posthaste canary = builder("c1").label("stage", "canary").snapshots(directory).build()) {
        assertThat(canary.configs().get(name).orElseThrow().content()).isEqualTo("g1");
        kept = canary.configs().kept(name).orElseThrow();
        assertThat(kept.gray()).contains("g");
      }
      call("DELETE", name, "/gray/g", "");
      try (Posthaste canary = builder("c1").label("stage", "canary").snapshots(directory).build()) {
        Told told = new Told();
        canary.configs().listen(name, told);
        told.awaitLast("v1");
        assertThat(canary.configs().get(name).orElseThrow().content()).isEqualTo("v1");
        assertThat(canary.configs().kept(name).orElseThrow().content()).isEqualTo("v1");
      }
    }
  }
}
