package io.posthaste.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.TopicPattern;
import io.posthaste.engine.jetstream.JetStreamLog;
import io.posthaste.engine.jetstream.JetStreamOptions;
import io.posthaste.testkit.NatsServers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A roll-out over one clustered log, driven by whichever of its nodes is there. */
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "takes a quarter of a minute: with -Dlong=true")
final class ClusteredRolloutTest {
  private static final ConfigKey KEY = new ConfigKey("", "G", "app.yaml");
  private static final GrayKey CANARY = new GrayKey(KEY, "canary");
  private static final Duration SOON = Duration.ofSeconds(60);

  /** One node. */
  private record Node(Log log, Hub hub, Configs configs) implements AutoCloseable {
    static Node open(NatsServers nats) {
      Policies kept = new Policies(ConfigPolicy.before(List.of()));
      Log log = JetStreamLog.open(JetStreamOptions.of(List.of(nats.urls()), kept));
      Hub hub = new Hub(log);
      Node node = new Node(log, hub, new Configs(hub));
      await().atMost(SOON).until(node.configs::isReady);
      return node;
    }

    boolean isPromoted() {
      return Md5.of(Payload.of("new")).equals(configs.md5(KEY))
          && configs.grays().of(KEY).isEmpty();
    }

    @Override
    public void close() throws Exception {
      configs.close();
      hub.close();
      log.close();
    }
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, SECONDS);
  }

  private static void start(Node node, Integer... stages) throws Exception {
    now(node.configs.publish(KEY, Payload.of("old"), ConfigAttributes.NONE, Expected.ANYTHING));
    now(
        node.configs
            .grays()
            .start(
                CANARY,
                Payload.of("new"),
                ConfigAttributes.NONE,
                GrayRule.share(GrayRule.ALL),
                List.of(stages),
                Duration.ofSeconds(1),
                Expected.ABSENT));
  }

  @Test
  void twoNodesTakeEachStepOnce() throws Exception {
    try (NatsServers nats = NatsServers.single();
        Node one = Node.open(nats);
        Node other = Node.open(nats)) {
      start(one, 100, 1_000, 5_000, GrayRule.ALL);
      await().atMost(SOON).until(() -> one.isPromoted() && other.isPromoted());

      assertThat(now(other.configs.history(KEY))).hasSize(2);
      assertThat(shares(other)).containsExactly(100, 1_000, 5_000, 5_000, 0);
    }
  }

  /** What became of the gray version; the share that it is promoted with counts anew, 0 its end. */
  private static List<Integer> shares(Node node) throws Exception {
    int partition = node.log.partitionOf(CANARY.topic());
    long head = now(node.log.head(partition));
    return now(
            node.hub.history(
                List.of(TopicPattern.of(CANARY.topic())),
                new Id(node.hub.epoch(), partition, head + 1),
                100))
        .messages()
        .stream()
        .map(message -> share(node, message))
        .toList();
  }

  private static int share(Node node, Message message) {
    return GrayVersion.of(CANARY, node.hub.epoch(), message)
        .map(gray -> gray.rule().share())
        .orElse(0);
  }

  @Test
  void anotherNodeGoesOnWhenTheOneThatBeganIsGone() throws Exception {
    try (NatsServers nats = NatsServers.single();
        Node other = Node.open(nats)) {
      try (Node one = Node.open(nats)) {
        start(one, 100, 1_000, 5_000, GrayRule.ALL);
      }
      await().atMost(SOON).until(other::isPromoted);
      assertThat(now(other.configs.history(KEY))).hasSize(2);
    }
  }

  @Test
  void itIsEitherPromotedOnOneNodeOrAbortedOnTheOther() throws Exception {
    try (NatsServers nats = NatsServers.single();
        Node one = Node.open(nats);
        Node other = Node.open(nats)) {
      ConfigAttributes who = ConfigAttributes.NONE;
      for (int i = 0; i < 20; i++) {
        ConfigKey key = new ConfigKey("", "G", "race" + i);
        GrayKey gray = new GrayKey(key, "canary");
        now(one.configs.publish(key, Payload.of("old"), who, Expected.ABSENT));
        now(
            one.configs
                .grays()
                .start(
                    gray,
                    Payload.of("new"),
                    who,
                    GrayRule.share(100),
                    List.of(),
                    Duration.ZERO,
                    Expected.ABSENT));
        var promoting =
            one.configs.grays().promote(gray, who, Expected.ANYTHING, false).toCompletableFuture();
        Changed aborted = now(other.configs.grays().abort(gray, who, Expected.ANYTHING));
        Changed promoted = now(promoting);

        boolean isPromoted = promoted instanceof Changed.Done;
        String expected = isPromoted ? "new" : "old";
        assertThat(aborted)
            .as("promoted: %s", promoted)
            .satisfies(
                outcome -> assertThat(isPromoted && outcome instanceof Changed.Done).isFalse());
        assertThat(now(other.configs.get(key)).orElseThrow().content().utf8()).isEqualTo(expected);
        await().atMost(SOON).until(() -> other.configs.grays().of(key).isEmpty());
      }
    }
  }
}
