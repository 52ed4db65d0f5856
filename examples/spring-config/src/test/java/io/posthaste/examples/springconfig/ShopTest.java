package io.posthaste.examples.springconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.client.ConfigEdit;
import io.posthaste.client.ConfigName;
import io.posthaste.client.Posthaste;
import io.posthaste.junit.PosthasteExtension;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The shop as its customers see it, with Spring Boot 4. */
final class ShopTest {
  private static final ConfigName NAME = ConfigName.of("shop.properties");

  @RegisterExtension static final PosthasteExtension SERVER = PosthasteExtension.onDisk();

  @TempDir private Path directory;

  private final HttpClient http = HttpClient.newHttpClient();
  private Posthaste client;

  @BeforeEach
  void begin() {
    client = Posthaste.at(SERVER.url());
    set(1);
  }

  @AfterEach
  void end() {
    client.close();
  }

  private void set(int price) {
    client.configs().publish(ConfigEdit.of(NAME, "shop.price=" + price));
  }

  private ConfigurableApplicationContext start(String requestLimit) {
    return SpringApplication.run(
        ShopApplication.class,
        "--server.port=0",
        "--server.address=127.0.0.1",
        "--management.endpoint.health.show-details=always",
        "--posthaste.request-limit=" + requestLimit,
        "--posthaste.snapshots=" + directory,
        "--posthaste.url=" + SERVER.url());
  }

  private String get(ConfigurableApplicationContext shop, String path) {
    String port = shop.getEnvironment().getProperty("local.server.port");
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    try {
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitPrice(ConfigurableApplicationContext shop, int price) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> get(shop, "/price").equals("price: " + price + "\n"));
  }

  @Test
  void aChangeIsThereWithoutARestartWhateverTheServerDoes() {
    try (ConfigurableApplicationContext shop = start("30s")) {
      assertThat(get(shop, "/price")).isEqualTo("price: 1\n");
      set(2);
      awaitPrice(shop, 2);
      assertThat(get(shop, "/actuator/health"))
          .contains("\"posthaste\":{")
          .contains("\"public/DEFAULT_GROUP/shop.properties\":\"SERVER ");
      SERVER.restart();
      set(3);
      awaitPrice(shop, 3);
    }
    SERVER.stop();
    try (ConfigurableApplicationContext shop = start("500ms")) {
      assertThat(get(shop, "/price")).isEqualTo("price: 3\n");
      assertThat(get(shop, "/actuator/health")).contains("\"reachable\":false");
      SERVER.start();
      set(4);
      awaitPrice(shop, 4);
    }
    SERVER.stop();
    try {
      directory = directory.resolve("another");
      assertThatThrownBy(() -> start("500ms")).hasStackTraceContaining("cannot be reached");
    } finally {
      SERVER.start();
    }
  }

  @Test
  void thePageShowsThisApplication() throws Exception {
    String page = Files.readString(Path.of("../../docs/spring.md"));
    List<String> blocks =
        Pattern.compile("```(?:java|properties)\n(.*?)```", Pattern.DOTALL)
            .matcher(page)
            .results()
            .map((MatchResult block) -> block.group(1).strip())
            .toList();
    String source =
        Files.readString(Path.of("src/main/java/io/posthaste/examples/springconfig/Shop.java"));
    assertThat(squeezed(source)).contains(squeezed(blocks.get(1)));
    assertThat(Files.readString(Path.of("src/main/resources/application.properties")))
        .contains(blocks.get(0));
  }

  /** Without the comments that a page has around its code anyway. */
  private static String squeezed(String java) {
    return java.replaceAll("/\\*\\*.*?\\*/", "").replaceAll("\\s+", " ");
  }

  /** From the publish to the bean's setter; run it alone, on a machine that does nothing else. */
  @Test
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "a figure, and for a quiet machine: -Dlong=true")
  void aChangeIsInTheBeanWithinATenthOfASecond() {
    try (ConfigurableApplicationContext context = start("30s")) {
      Shop shop = context.getBean(Shop.class);
      long[] micros = new long[1_000];
      for (int i = 0; i < micros.length; i++) {
        int price = 100 + i;
        long beganNanos = System.nanoTime();
        set(price);
        while (shop.getPrice() != price) {
          Thread.onSpinWait();
        }
        micros[i] = (System.nanoTime() - beganNanos) / 1_000;
      }
      Arrays.sort(micros);
      System.out.printf(
          "publish to bean, %d changes: p50 %d, p99 %d, max %d microseconds%n",
          micros.length, micros[500], micros[990], micros[999]);
      assertThat(micros[990]).isLessThan(100_000);
    }
  }
}
