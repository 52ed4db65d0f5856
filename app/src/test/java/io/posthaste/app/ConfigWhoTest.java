package io.posthaste.app;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.alibaba.nacos.api.NacosFactory;
import com.alibaba.nacos.api.config.ConfigService;
import com.alibaba.nacos.api.config.listener.AbstractListener;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who has which version, over HTTP and on the command line, of an official client of Nacos. */
final class ConfigWhoTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String PATH = "/v1/configs/public/G/who.yaml/";

  static {
    String directory = Path.of("target", "nacos").toAbsolutePath().toString();
    System.setProperty("JM.SNAPSHOT.PATH", directory);
    System.setProperty("JM.LOG.PATH", directory);
    System.setProperty("nacos.logging.default.config.enabled", "false");
  }

  private static PosthasteServer start(String instances) {
    return PosthasteServer.start(
        Map.of(
            "http", List.of("127.0.0.1:0"),
            "tcp", List.of("off"),
            "nacos", List.of("127.0.0.1:0"),
            "config-instances", List.of(instances),
            "engine", List.of("memory")));
  }

  private static String url(PosthasteServer server) {
    return "http://127.0.0.1:" + server.http().orElseThrow().getPort();
  }

  private static HttpResponse<String> get(PosthasteServer server, String target) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url(server) + target)).build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static ConfigService client(PosthasteServer server) throws Exception {
    Properties properties = new Properties();
    properties.put("serverAddr", "127.0.0.1:" + server.nacos().orElseThrow().getPort());
    ConfigService client = NacosFactory.createConfigService(properties);
    client.addListener(
        "who.yaml",
        "G",
        new AbstractListener() {
          @Override
          public void receiveConfigInfo(String content) {
            // What it hears is seen by what it then says to have.
          }
        });
    return client;
  }

  private static Cli who(PosthasteServer server, String... more) {
    List<String> all =
        new ArrayList<>(List.of("config", "who", "who.yaml", "--group", "G", "--url", url(server)));
    all.addAll(List.of(more));
    return Cli.run(all.toArray(String[]::new));
  }

  @Test
  void anInstanceIsSeenByTheVersionItHasAndByHowSoonItHadIt() throws Exception {
    try (PosthasteServer server = start("on")) {
      assertThat(who(server).err()).contains("nobody is known to listen to public/G/who.yaml");
      ConfigService client = client(server);
      try {
        client.publishConfig("who.yaml", "G", "v: 1");
        awaitCurrent(server);
        client.publishConfig("who.yaml", "G", "v: 2");
        await()
            .atMost(Child.PATIENCE)
            .until(() -> changes(server).path(0).path("had").path("count").asInt() == 1);
        JsonNode seen = awaitCurrent(server);
        JsonNode one = seen.path("instances").get(0);
        assertThat(one.path("address").asText()).isEqualTo("127.0.0.1");
        assertThat(one.path("client").asText()).isEqualTo("1.4.8");
        assertThat(one.path("door").asText()).isEqualTo("nacos");
        assertThat(one.path("has").path("id")).isEqualTo(one.path("told").path("id"));
        assertThat(seen.path("versions").get(0).path("count").asInt()).isOne();

        JsonNode change = changes(server).get(0);
        assertThat(change.path("id")).isEqualTo(one.path("has").path("id"));
        assertThat(change.path("told").path("lastMillis").asInt())
            .isLessThanOrEqualTo(change.path("had").path("lastMillis").asInt());

        Cli table = who(server);
        assertThat(table.code()).isZero();
        assertThat(table.out())
            .contains("INSTANCE", "VERSION", "127.0.0.1", one.path("has").path("id").asText());
        assertThat(table.err()).contains("1 instance, 0 behind");
        assertThat(who(server, "--behind", "--json").out()).isEmpty();
        assertThat(who(server, "--json").out().lines()).singleElement().asString().startsWith("{");
      } finally {
        client.shutDown();
      }
      assertThat(get(server, PATH + "instances?limit=0").body()).contains("expected: 1 to 1000");
      assertThat(get(server, PATH + "nothing").body())
          .contains("/gray or /instances or /propagation");
    }
  }

  @Test
  void watchPrintsEachChangeAndHowSoonAllHadIt() throws Exception {
    try (PosthasteServer server = start("on")) {
      ConfigService client = client(server);
      try {
        client.publishConfig("who.yaml", "G", "v: 1");
        awaitCurrent(server);
        CompletableFuture<Cli> watching =
            CompletableFuture.supplyAsync(
                () ->
                    Cli.run(
                        "config",
                        "watch",
                        "who.yaml",
                        "--group",
                        "G",
                        "--count",
                        "2",
                        "--url",
                        url(server)));
        // Once it waits for changes it is a reader of the topic, beside the client.
        await()
            .atMost(Child.PATIENCE)
            .until(
                () ->
                    get(server, "/v1/connections?topic=config/public/G/who.yaml")
                        .body()
                        .contains("\"poll\""));
        client.publishConfig("who.yaml", "G", "v: 2");
        client.removeConfig("who.yaml", "G");
        Cli watched = watching.get(120, SECONDS);
        assertThat(watched.err()).isEmpty();
        assertThat(watched.code()).isZero();
        assertThat(watched.out())
            .startsWith("watching public/G/who.yaml")
            .contains("public/G/who.yaml deleted")
            .contains("all 1 have it");
        assertThat(watched.out().lines()).hasSize(5);
      } finally {
        client.shutDown();
      }
    }
  }

  private static JsonNode changes(PosthasteServer server) throws Exception {
    return Json.read(get(server, PATH + "propagation").body()).path("changes");
  }

  private static JsonNode awaitCurrent(PosthasteServer server) {
    return await()
        .atMost(Child.PATIENCE)
        .until(
            () -> Json.read(get(server, PATH + "instances").body()),
            seen ->
                seen.path("count").asInt() == 1
                    && seen.path("behind").asInt() == 0
                    && seen.path("instances").path(0).path("has").path("confirmed").asBoolean()
                    && seen.path("instances").path(0).path("has").has("id"));
  }

  @Test
  void nothingIsKeptWhereItIsOff() throws Exception {
    try (PosthasteServer server = start("off")) {
      ConfigService client = client(server);
      try {
        client.publishConfig("who.yaml", "G", "v: 1");
        await()
            .atMost(Child.PATIENCE)
            .until(
                () -> get(server, "/v1/connections?topic=config/**").body().contains("who.yaml"));
        assertThat(Json.read(get(server, PATH + "instances").body()).path("count").asInt())
            .isZero();
      } finally {
        client.shutDown();
      }
    }
  }
}
