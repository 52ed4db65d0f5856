package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Expected;
import io.posthaste.config.GrayKey;
import io.posthaste.config.GrayMatch;
import io.posthaste.config.GrayRule;
import io.posthaste.core.Payload;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The labels that an official client says of its application choose what it sees. */
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "starts four clients in class loaders of their own: with -Dlong=true")
final class GrayLabelsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @ParameterizedTest
  @EnumSource(names = {"V2_5_1", "V3_2_1"})
  void whoHasTheLabelSeesTheGrayVersion(ClientLine line) throws Exception {
    try (NacosServer server = new NacosServer();
        NacosClient canary =
            line.connect(server.place(), "nacos.app.conn.labels", "stage=canary,instance=shop-7");
        NacosClient other = line.connect(server.place())) {
      other.publish("a.yaml", "G", "old", "yaml");
      Heard heard = new Heard();
      canary.listen("a.yaml", "G", heard);
      GrayKey gray = new GrayKey(new ConfigKey("", "G", "a.yaml"), "canary");
      server
          .configs
          .grays()
          .start(
              gray,
              Payload.of("new"),
              ConfigAttributes.NONE,
              GrayRule.of(GrayRule.DEFAULT_PRIORITY, GrayMatch.label("stage", "canary")),
              List.of(),
              Duration.ZERO,
              Expected.ABSENT)
          .toCompletableFuture()
          .join();

      await().atMost(SOON).until(() -> heard.last().equals("new"));
      assertThat(canary.get("a.yaml", "G")).isEqualTo("new");
      assertThat(other.get("a.yaml", "G")).isEqualTo("old");
      server
          .configs
          .grays()
          .abort(gray, ConfigAttributes.NONE, Expected.ANYTHING)
          .toCompletableFuture()
          .join();
      await().atMost(SOON).until(() -> heard.last().equals("old"));
    }
  }
}
