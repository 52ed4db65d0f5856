package io.posthaste.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.client.ConfigEdit;
import io.posthaste.client.ConfigName;
import io.posthaste.client.Configs;
import io.posthaste.client.Posthaste;
import io.posthaste.junit.PosthasteExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Applications of Boot 3.5 whose configs are imported, and change while they run. */
final class LiveConfigsTest {
  @RegisterExtension static final PosthasteExtension SERVER = PosthasteExtension.onDisk();

  /** Gives up soon, for when there is no server. */
  private static final String SOON = "posthaste.request-limit=500ms";

  @TempDir static Path directory;

  private static Posthaste client;

  @BeforeAll
  static void begin() {
    client = Posthaste.at(SERVER.url());
  }

  @AfterAll
  static void end() {
    client.close();
  }

  private static void publish(String name, String content) {
    client.configs().publish(ConfigEdit.of(ConfigName.of(name), content));
  }

  private static ConfigurableApplicationContext start(String... properties) {
    List<String> all = new ArrayList<>(List.of(properties));
    all.add("posthaste.url=" + SERVER.url());
    all.add("posthaste.snapshots=" + directory.resolve("snapshots"));
    boolean isLimited = all.contains(SOON);
    all.add(isLimited ? SOON : "posthaste.request-limit=30s");
    return new SpringApplicationBuilder(ShopApplication.class)
        .web(WebApplicationType.NONE)
        .bannerMode(Banner.Mode.OFF)
        .properties(all.toArray(new String[0]))
        .run();
  }

  private static void await(ThrowingRunnable assertion) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(assertion);
  }

  @Test
  void beansHaveWhatWasImportedAndWhatChanges() throws Exception {
    publish("shop.properties", "shop.price=1\nshop.tags=a,b\nfixed.value=1\nname=Ada");
    publish("shop-prod.yaml", "shop:\n  price: 2\n  stock:\n    tea: 3\n    mugs: 4\n");
    client
        .configs()
        .publish(
            ConfigEdit.of(ConfigName.of("team", "flags"), "{\"shop\":{\"limits\":{\"each\":5}}}")
                .format("json"));
    Path failover = directory.resolve("failover");
    try (ConfigurableApplicationContext context =
        start(
            "spring.cloud.refresh.enabled=false",
            "spring.application.name=shop",
            "posthaste.failover=" + failover,
            "spring.profiles.active=prod",
            "shop.greeting=hello ${whom}",
            "whom=${name:nobody}",
            "spring.config.import=posthaste:shop.properties,optional:posthaste:shop.yaml,"
                + "posthaste:team/flags,optional:posthaste:later?format=properties")) {
      ShopApplication.Shop shop = context.getBean(ShopApplication.Shop.class);
      assertThat(shop.getPrice()).isEqualTo(2);
      assertThat(shop.getTags()).containsExactly("a", "b");
      assertThat(shop.getStock()).hasSize(2).containsEntry("tea", 3);
      assertThat(shop.getLimits().getEach()).isEqualTo(5);
      assertThat(shop.getGreeting()).isEqualTo("hello Ada");

      publish("shop-prod.yaml", "shop:\n  price: 3\n  stock:\n    tea: 5\n");
      await(() -> assertThat(shop.getPrice()).isEqualTo(3));
      await(() -> assertThat(shop.getStock()).hasSize(1).containsEntry("tea", 5));
      assertThat(context.getEnvironment().getProperty("shop.price")).isEqualTo("3");
      ShopApplication application = context.getBean(ShopApplication.class);
      await(
          () ->
              assertThat(application.heard)
                  .last()
                  .isEqualTo(Set.of("shop.price", "shop.stock.tea", "shop.stock.mugs")));

      // What is gone is as the class has it; what another property is made of has changed, too.
      publish("shop.properties", "shop.label=new\nfixed.value=2\nname=Bob");
      await(() -> assertThat(shop.getGreeting()).isEqualTo("hello Bob"));
      await(() -> assertThat(shop.getTags()).isEmpty());
      assertThat(shop.getLabel()).isEqualTo("new");
      assertThat(context.getBean(ShopApplication.Fixed.class).value()).isEqualTo(1);

      client.configs().delete(ConfigName.of("team", "flags"));
      await(() -> assertThat(shop.getLimits().getEach()).isEqualTo(10));

      publish("later", "shop.limits.each=6");
      await(() -> assertThat(shop.getLimits().getEach()).isEqualTo(6));

      // What is not valid changes nothing, neither a value nor a file.
      publish("shop-prod.yaml", "shop:\n  price: -1\n  label: half\n");
      await(() -> assertThat(context.getEnvironment().getProperty("shop.price")).isEqualTo("-1"));
      publish("shop-prod.yaml", "shop: [");
      Boot3Health health = context.getBean(Boot3Health.class);
      await(() -> assertThat(health.health().getStatus()).isEqualTo(Status.UNKNOWN));
      assertThat(health.health().getDetails().get("public/DEFAULT_GROUP/shop-prod.yaml").toString())
          .contains("cannot be read");
      assertThat(shop.getPrice()).isEqualTo(3);
      assertThat(shop.getLabel()).isEqualTo("new");
      publish("shop-prod.yaml", "shop:\n  price: 4\n");
      await(() -> assertThat(shop.getPrice()).isEqualTo(4));
      await(() -> assertThat(health.health().getStatus()).isEqualTo(Status.UP));

      // The server goes and comes back.
      SERVER.stop();
      await(() -> assertThat(health.health().getDetails()).containsEntry("reachable", false));
      assertThat(shop.getPrice()).isEqualTo(4);
      SERVER.start();
      publish("shop-prod.yaml", "shop:\n  price: 5\n");
      await(() -> assertThat(shop.getPrice()).isEqualTo(5));

      Path file = failover.resolve("public/DEFAULT_GROUP/shop-prod.yaml");
      Files.createDirectories(file.getParent());
      Files.writeString(file, "shop:\n  price: 99\n");
      await(() -> assertThat(shop.getPrice()).isEqualTo(99));

      assertThat(context.getBean(Configs.class))
          .isSameAs(context.getBean(Posthaste.class).configs());
    }
  }

  @Test
  void withSpringCloudItsScopesAreRefreshed() {
    publish("cloud.properties", "shop.price=1\nshop.label=old");
    try (ConfigurableApplicationContext context =
        start("spring.config.import=posthaste:cloud.properties")) {
      ShopApplication.Label label = context.getBean(ShopApplication.Label.class);
      ShopApplication.Shop shop = context.getBean(ShopApplication.Shop.class);
      assertThat(label.text()).isEqualTo("old");
      publish("cloud.properties", "shop.price=2\nshop.label=new");
      await(() -> assertThat(label.text()).isEqualTo("new"));
      assertThat(shop.getPrice()).isEqualTo(2);
    }
  }

  @Test
  void withoutAServerTheSnapshotIsUsedOrItIsSaidWhatWouldBeRight() {
    publish("kept.properties", "shop.price=8");
    start("spring.config.import=posthaste:kept.properties").close();
    SERVER.stop();
    try {
      try (ConfigurableApplicationContext context =
          start(
              SOON,
              "spring.config.import=posthaste:kept.properties,optional:posthaste:never.yaml")) {
        ShopApplication.Shop shop = context.getBean(ShopApplication.Shop.class);
        assertThat(shop.getPrice()).isEqualTo(8);
        assertThatThrownBy(() -> start(SOON, "spring.config.import=posthaste:never.yaml"))
            .isInstanceOf(ConfigImportException.class)
            .hasMessageContaining("posthaste:public/DEFAULT_GROUP/never.yaml of Posthaste at ")
            .hasMessageContaining("cannot be reached")
            .satisfies(
                failure ->
                    assertThat(new ConfigImportFailureAnalyzer().analyze(failure).getAction())
                        .contains("optional:posthaste:public/DEFAULT_GROUP/never.yaml")
                        .contains("posthaste.fail-fast=false"));
        start(SOON, "spring.config.import=posthaste:never.yaml", "posthaste.fail-fast=false")
            .close();
        SERVER.start();
        publish("kept.properties", "shop.price=9");
        await(() -> assertThat(shop.getPrice()).isEqualTo(9));
      }
    } finally {
      SERVER.start();
    }
    assertThatThrownBy(() -> start("spring.config.import=posthaste:none.yaml"))
        .hasMessageContaining("posthaste:public/DEFAULT_GROUP/none.yaml")
        .hasMessageContaining("cannot be found");
  }

  @Test
  void whatIsNoImportIsRefusedWithWhatWouldBeRight() {
    for (String bad : List.of("", "a/b/c/d", "a b", "x?format=toml", "x?y=z", "/x")) {
      assertThatThrownBy(() -> start("spring.config.import=posthaste:" + bad))
          .as(bad)
          .hasStackTraceContaining(
              "(expected: posthaste:[[NAMESPACE/]GROUP/]NAME[?format=properties|yaml|json])");
    }
    publish("text", "x");
    assertThatThrownBy(() -> start("spring.config.import=posthaste:text"))
        .hasStackTraceContaining("its format is text (expected: properties, yaml or json");
    publish("two.yaml", "a: 1\n---\na: 2\n");
    assertThatThrownBy(() -> start("spring.config.import=posthaste:two.yaml"))
        .hasStackTraceContaining("NAME-PROFILE.yaml");
    SpringApplication.exit(start("posthaste.enabled=false", "spring.config.import=posthaste:none"));
  }
}
