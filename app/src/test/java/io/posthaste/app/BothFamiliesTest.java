package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.alibaba.nacos.api.NacosFactory;
import com.alibaba.nacos.api.config.ConfigService;
import com.alibaba.nacos.api.config.listener.AbstractListener;
import com.ctrip.framework.apollo.Config;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Nacos client and an Apollo client, both unmodified, on one config. */
final class BothFamiliesTest {
  private static final String NAME = "application.properties";
  private static final String GROUP = "shop";
  private static final int READ_MILLIS = 5_000;

  static {
    System.setProperty("JM.SNAPSHOT.PATH", Path.of("target", "nacos").toAbsolutePath().toString());
    System.setProperty("JM.LOG.PATH", Path.of("target", "nacos").toAbsolutePath().toString());
    System.setProperty("nacos.logging.default.config.enabled", "false");
  }

  @TempDir private Path directory;
  @TempDir private Path cache;

  private Child serve(String nacos, String apollo) {
    return Child.serve(directory, "--nacos", nacos, "--apollo", apollo);
  }

  private static String place(String ready, String door) {
    return ready.replaceFirst(".* " + door + "=([^ ]+) .*", "$1");
  }

  private static void call(String apollo, String method, String path, String json)
      throws Exception {
    String namespace = "/openapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/application/";
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + apollo + namespace + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(json))
            .build();
    assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode())
        .isEqualTo(200);
  }

  /** On the command line, of clients that know nothing of it. */
  private static void awaitBothHaveIt(String http) {
    await()
        .atMost(Child.PATIENCE)
        .untilAsserted(
            () -> {
              Cli who = Cli.run("config", "who", NAME, "--group", GROUP, "--url", "http://" + http);
              assertThat(who.err()).contains("2 instances, 0 behind");
              assertThat(who.out()).contains(" apollo ", " nacos ", " shop ");
            });
  }

  @Test
  void whatOnePublishesTheOtherIsToldOfAlsoAfterTheServerWasKilled() throws Exception {
    ConcurrentLinkedQueue<String> toNacos = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<String> toApollo = new ConcurrentLinkedQueue<>();
    Child first = serve("127.0.0.1:0", "127.0.0.1:0");
    String ready = first.awaitLine("ready http=");
    String nacos = place(ready, "nacos");
    String apollo = place(ready, "apollo");
    Properties properties = new Properties();
    properties.put("serverAddr", nacos);
    properties.put("configRetryTime", "200");
    ConfigService client = NacosFactory.createConfigService(properties);
    try {
      assertThat(client.publishConfig(NAME, GROUP, "# euros\nprice=1\n", "properties")).isTrue();
      System.setProperty("app.id", GROUP);
      System.setProperty("apollo.meta", "http://" + apollo);
      System.setProperty("apollo.cache-dir", cache.toString());
      Config config = com.ctrip.framework.apollo.ConfigService.getAppConfig();
      assertThat(config.getProperty("price", "none")).isEqualTo("1");
      config.addChangeListener(
          event ->
              event
                  .changedKeys()
                  .forEach(key -> toApollo.add(key + "=" + event.getChange(key).getNewValue())));
      client.addListener(
          NAME,
          GROUP,
          new AbstractListener() {
            @Override
            public void receiveConfigInfo(String content) {
              toNacos.add(content);
            }
          });

      assertThat(client.publishConfig(NAME, GROUP, "# euros\nprice=2\n", "properties")).isTrue();
      await().atMost(Child.PATIENCE).until(() -> toApollo.contains("price=2"));
      call(apollo, "PUT", "items/price", "{\"key\":\"price\",\"value\":\"3\"}");
      call(apollo, "POST", "releases", "{\"releaseTitle\":\"three\",\"releasedBy\":\"ann\"}");
      await().atMost(Child.PATIENCE).until(() -> toNacos.contains("# euros\nprice=3\n"));
      await().atMost(Child.PATIENCE).until(() -> toApollo.contains("price=3"));
      awaitBothHaveIt(place(ready, "http"));

      first.signal("KILL");
      await().until(() -> !first.isAlive());
      try (Child second = serve(nacos, apollo)) {
        String again = second.awaitLine("ready http=");
        assertThat(place(again, "apollo")).isEqualTo(apollo);
        assertThat(client.getConfig(NAME, GROUP, READ_MILLIS)).isEqualTo("# euros\nprice=3\n");
        assertThat(client.publishConfig(NAME, GROUP, "price=4\n", "properties")).isTrue();
        await().atMost(Child.PATIENCE).until(() -> toApollo.contains("price=4"));
        assertThat(toApollo).containsExactly("price=2", "price=3", "price=4");
        awaitBothHaveIt(place(again, "http"));
      }
    } finally {
      client.shutDown();
      first.close();
    }
  }
}
