package io.posthaste.config;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Hub;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.engine.rocksdb.RocksLog;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Roll-outs that go by themselves, on disk. */
final class RolloutTest {
  private static final ConfigKey KEY = new ConfigKey("", "G", "app.yaml");
  private static final GrayKey CANARY = new GrayKey(KEY, "canary");
  private static final Instance POD = new Instance("pod-7", "", "", new TreeMap<>(), "");
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration TO_RETURN = Duration.ofSeconds(4);

  @TempDir private Path directory;
  private @Nullable Node opened;

  /** One that runs over the log in the directory. */
  private final class Node {
    final RocksLog log;
    final Hub hub;
    final Configs configs;
    final GrayReleases grays;

    private Node() {
      Policies kept = new Policies(ConfigPolicy.before(List.of()));
      log = RocksLog.open(RocksLog.Options.of(directory, kept));
      hub = new Hub(log);
      configs = new Configs(hub, true, TO_RETURN);
      grays = configs.grays();
      await().atMost(SOON).until(configs::isReady);
    }

    void stop() {
      configs.close();
      hub.close();
      log.close();
    }
  }

  private Node node() {
    return requireNonNull(opened);
  }

  @BeforeEach
  void publish() throws Exception {
    opened = new Node();
    now(node().configs.publish(KEY, Payload.of("old"), ConfigAttributes.NONE, Expected.ANYTHING));
  }

  @AfterEach
  void stop() {
    node().stop();
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, SECONDS);
  }

  private void start(Duration every, Integer... stages) throws Exception {
    GrayRule rule = GrayRule.share(GrayRule.ALL);
    ConfigAttributes ann = ConfigAttributes.NONE.by("ann", "10.9.9.9", "try it");
    assertThat(
            now(
                node()
                    .grays
                    .start(
                        CANARY,
                        Payload.of("new"),
                        ann,
                        rule,
                        List.of(stages),
                        every,
                        Expected.ABSENT)))
        .isInstanceOf(Changed.Done.class);
  }

  private boolean isPromoted() {
    return Md5.of(Payload.of("new")).equals(node().configs.md5(KEY))
        && node().grays.of(KEY).isEmpty();
  }

  @Test
  void itGoesOnAfterARestartAndIsPromotedInTheEnd() throws Exception {
    start(Duration.ofSeconds(2), 100, 5_000, GrayRule.ALL); // a machine may stand still
    await().atMost(SOON).until(() -> node().grays.of(KEY).get(0).rule().share() == 5_000);
    node().stop();
    long started = System.currentTimeMillis();
    opened = new Node();

    await().atMost(SOON).until(this::isPromoted);
    assertThat(now(node().configs.get(KEY)).orElseThrow().timeMillis())
        .isGreaterThanOrEqualTo(started + TO_RETURN.toMillis()); // whoever listened may be back
    List<ConfigChange> history = now(node().configs.history(KEY));
    assertThat(history).hasSize(2);
    assertThat(history.get(0).attributes().author()).isEqualTo("ann");
    assertThat(history.get(0).attributes().comment()).isEqualTo("100.0 % by timer");
  }

  @Test
  void itIsHeldWhileSomebodyHasNotFetchedAndGoesOnWhenHeHas() throws Exception {
    Follower pod = node().configs.audience().join(POD, "test");
    pod.listens(KEY, node().configs.md5(KEY));
    start(Duration.ofSeconds(1), GrayRule.ALL - 1, GrayRule.ALL);
    RolloutGate gate = RolloutGate.of(node().configs.audience());
    try (RolloutTimer impatient =
        new RolloutTimer(
            node().hub.shards().get(0),
            node().configs,
            gate,
            Duration.ZERO,
            Duration.ZERO,
            Clock.systemUTC())) {
      impatient.start();
      await()
          .atMost(SOON)
          .until(() -> node().grays.of(KEY).get(0).rollout().state() == Rollout.State.HELD);
    }
    GrayVersion held = node().grays.of(KEY).get(0);
    assertThat(held.rollout().reason()).startsWith("1 of 1 instances").endsWith("\"pod-7\"");
    assertThat(held.rule().share()).isEqualTo(GrayRule.ALL - 1);

    pod.fetched(KEY, held.md5());
    now(node().grays.resume(CANARY, ConfigAttributes.NONE, Expected.ANYTHING));
    await().atMost(SOON).until(this::isPromoted);
    pod.gone();
  }

  @Test
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "is one more of its kind: with -Dlong=true")
  void whoIsLateOnlyDelaysIt() throws Exception {
    Follower pod = node().configs.audience().join(POD, "test");
    pod.listens(KEY, node().configs.md5(KEY));
    start(Duration.ofSeconds(1), GrayRule.ALL - 1, GrayRule.ALL);
    GrayVersion gray = node().grays.of(KEY).get(0);
    await()
        .atMost(SOON)
        .until(() -> gray.nextStageMillis().getAsLong() < System.currentTimeMillis());
    pod.fetched(KEY, gray.md5());

    await().atMost(SOON).until(this::isPromoted);
    pod.gone();
  }

  @Test
  void aStepThatFailsIsTriedAgain() throws Exception {
    Follower pod = node().configs.audience().join(POD, "test");
    pod.listens(KEY, node().configs.md5(KEY)); // who is behind, for the node's own timer
    start(Duration.ofSeconds(1), GrayRule.ALL - 1, GrayRule.ALL);
    AtomicInteger asked = new AtomicInteger();
    RolloutGate gate =
        gray -> {
          if (asked.incrementAndGet() == 1) {
            throw new IllegalStateException("the first time");
          }
          return CompletableFuture.completedFuture("");
        };
    try (RolloutTimer timer =
        new RolloutTimer(
            node().hub.shards().get(0),
            node().configs,
            gate,
            RolloutTimer.PATIENCE,
            Duration.ZERO,
            Clock.systemUTC())) {
      timer.start();
      await().atMost(SOON).until(this::isPromoted);
    }
    assertThat(asked.get()).isGreaterThan(1);
    pod.gone();
  }

  @Test
  void itIsHeldIfTheConfigHasBecomeAnotherMeanwhile() throws Exception {
    start(Duration.ofSeconds(3), 100, GrayRule.ALL); // of which the next takes nothing
    now(node().configs.publish(KEY, Payload.of("fixed"), ConfigAttributes.NONE, Expected.ANYTHING));

    await()
        .atMost(SOON)
        .until(() -> node().grays.of(KEY).get(0).rollout().state() == Rollout.State.HELD);
    assertThat(node().grays.of(KEY).get(0).rollout().reason()).startsWith("the config is ");
    assertThat(node().configs.md5(KEY)).isEqualTo(Md5.of(Payload.of("fixed")));
  }
}
