package io.posthaste.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Append;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GrayReleasesTest {
  private static final ConfigKey KEY = new ConfigKey("", "G", "app.yaml");
  private static final GrayKey CANARY = new GrayKey(KEY, "canary");
  private static final Instance CHOSEN = Instance.at("10.0.0.1", Map.of("stage", "canary"));
  private static final Instance OTHER = Instance.at("10.0.0.2", Map.of());
  private static final GrayRule RULE = GrayRule.of(100, GrayMatch.label("stage", "canary"));
  private static final ConfigAttributes ANN = ConfigAttributes.NONE.by("ann", "10.9.9.9", "try it");
  private static final ConfigAttributes BOB =
      ConfigAttributes.NONE.by("bob", "10.9.9.8", "it works");

  private final Log log =
      new MemoryLog(MemoryLog.Options.of(new Policies(ConfigPolicy.before(List.of()))));
  private final Hub hub = new Hub(log);
  private final Configs configs = new Configs(hub);
  private final GrayReleases grays = configs.grays();

  @BeforeEach
  void awaitReady() {
    await().until(configs::isReady);
  }

  @AfterEach
  void close() throws Exception {
    configs.close();
    hub.close();
    log.close();
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, SECONDS);
  }

  private Id publish(String content) throws Exception {
    Changed done =
        now(configs.publish(KEY, Payload.of(content), ConfigAttributes.NONE, Expected.ANYTHING));
    return ((Changed.Done) done).id();
  }

  private Changed start(GrayKey key, String content, GrayRule rule, Expected expected)
      throws Exception {
    return now(
        grays.start(key, Payload.of(content), ANN, rule, List.of(), Duration.ZERO, expected));
  }

  private Id started(GrayKey key, String content, GrayRule rule) throws Exception {
    return ((Changed.Done) start(key, content, rule, Expected.ANYTHING)).id();
  }

  private Changed startInStages(String content, Integer... stages) throws Exception {
    return now(
        grays.start(
            CANARY,
            Payload.of(content),
            ANN,
            new GrayRule(100, GrayRule.ALL, List.of()),
            List.of(stages),
            Duration.ZERO,
            Expected.ANYTHING));
  }

  /** What an instance is given; checked to be what it is compared by. */
  private String seen(Instance instance) throws Exception {
    ConfigVersion version = now(configs.get(KEY, instance)).orElseThrow().version();
    assertThat(configs.md5(KEY, instance)).isEqualTo(version.md5());
    assertThat(configs.view(KEY).of(instance).orElseThrow().id()).isEqualTo(version.id());
    return version.content().utf8();
  }

  @Test
  void whoTheRuleTakesSeesItAndNobodyElse() throws Exception {
    publish("old");
    started(CANARY, "new", RULE);

    assertThat(seen(CHOSEN)).isEqualTo("new");
    assertThat(seen(OTHER)).isEqualTo("old");
    assertThat(now(configs.get(KEY)).orElseThrow().content().utf8()).isEqualTo("old");
    assertThat(now(configs.get(KEY, CHOSEN)).orElseThrow().gray()).isEqualTo("canary");
    assertThat(configs.search("public", "", "")).containsExactly(KEY);
    assertThat(now(configs.history(KEY))).hasSize(1);
  }

  @Test
  void aGrayVersionCanBeThereBeforeTheConfigIs() throws Exception {
    started(CANARY, "new", RULE);

    assertThat(seen(CHOSEN)).isEqualTo("new");
    assertThat(configs.md5(KEY, OTHER)).isNull();
    assertThat(now(configs.get(KEY, OTHER))).isEmpty();
  }

  @Test
  void ofTwoRulesThatTakeAnInstanceThatOfTheHigherPriorityHasIt() throws Exception {
    publish("old");
    started(new GrayKey(KEY, "a"), "a", GrayRule.share(GrayRule.ALL));
    started(new GrayKey(KEY, "b"), "b", new GrayRule(101, GrayRule.ALL, RULE.anyOf()));
    started(new GrayKey(KEY, "c"), "c", new GrayRule(101, GrayRule.ALL, RULE.anyOf()));

    assertThat(seen(CHOSEN)).isEqualTo("b");
    assertThat(seen(OTHER)).isEqualTo("a");
  }

  @Test
  void aChangeOfARuleIsToldAsAChangeOfTheConfig() throws Exception {
    publish("old");
    started(CANARY, "new", RULE);
    Queue<ConfigKey> told = new ConcurrentLinkedQueue<>();
    configs.listen(told::addAll);

    now(grays.rule(CANARY, GrayRule.share(0), BOB, Expected.ANYTHING));

    await().until(() -> told.contains(KEY));
    assertThat(seen(CHOSEN)).isEqualTo("old");
    GrayVersion changed = grays.of(KEY).get(0);
    assertThat(changed.attributes().author()).isEqualTo("bob");
    assertThat(changed.attributes().comment()).isEqualTo("it works");
  }

  @Test
  void promotedItIsTheVersionForAllAndTheGrayOneIsGone() throws Exception {
    publish("old");
    started(CANARY, "new", RULE);

    Changed promoted = now(grays.promote(CANARY, BOB, Expected.ANYTHING, false));

    assertThat(seen(CHOSEN)).isEqualTo("new");
    assertThat(seen(OTHER)).isEqualTo("new");
    assertThat(grays.of(KEY)).isEmpty();
    ConfigVersion version = now(configs.get(KEY)).orElseThrow();
    assertThat(promoted).isEqualTo(new Changed.Done(version.id(), version.timeMillis()));
    assertThat(version.attributes().author()).isEqualTo("bob");
    assertThat(now(grays.promote(CANARY, BOB, Expected.ANYTHING, false)))
        .isInstanceOf(Changed.NoSuchVersion.class);
  }

  @Test
  void itIsNotPromotedOverAnotherChangeUnlessThatIsAskedFor() throws Exception {
    publish("old");
    started(CANARY, "new", RULE);
    publish("fixed meanwhile");

    assertThat(now(grays.promote(CANARY, BOB, Expected.ANYTHING, false)))
        .isInstanceOf(Changed.Refused.class);
    assertThat(seen(OTHER)).isEqualTo("fixed meanwhile");
    assertThat(seen(CHOSEN)).isEqualTo("new");

    assertThat(now(grays.promote(CANARY, BOB, Expected.ANYTHING, true)))
        .isInstanceOf(Changed.Done.class);
    assertThat(seen(OTHER)).isEqualTo("new");
  }

  @Test
  void abortedThoseWhoHadItSeeTheVersionForAllAgain() throws Exception {
    publish("old");
    started(CANARY, "new", RULE);
    Queue<ConfigKey> told = new ConcurrentLinkedQueue<>();
    configs.listen(told::addAll);

    assertThat(now(grays.abort(CANARY, BOB, Expected.ANYTHING))).isInstanceOf(Changed.Done.class);

    await().until(() -> told.contains(KEY));
    assertThat(seen(CHOSEN)).isEqualTo("old");
    assertThat(now(grays.abort(CANARY, BOB, Expected.ANYTHING)))
        .isInstanceOf(Changed.AbsentAlready.class);
  }

  @Test
  void itGoesThroughItsStagesAndIsPromotedAtTheLast() throws Exception {
    publish("old");
    assertThat(startInStages("new", 100, 1_000, 10_000)).isInstanceOf(Changed.Done.class);
    assertThat(grays.of(KEY).get(0).rule().share()).isEqualTo(100);

    now(grays.step(CANARY, BOB, Expected.ANYTHING));
    assertThat(grays.of(KEY).get(0).rule().share()).isEqualTo(1_000);
    now(grays.step(CANARY, BOB, Expected.ANYTHING));
    assertThat(grays.of(KEY)).isEmpty();
    assertThat(seen(OTHER)).isEqualTo("new");
  }

  @Test
  void aFurtherStageThatIsNotThereIsRefused() throws Exception {
    publish("old");
    startInStages("new", 100);
    assertThat(now(grays.step(CANARY, BOB, Expected.ANYTHING))).isInstanceOf(Changed.Refused.class);
  }

  @Test
  void ofTwoWhoStepAtOnceOneDoes() throws Exception {
    publish("old");
    Id begun = ((Changed.Done) startInStages("new", 100, 200, 300, 400)).id();
    Expected same = new Expected.Version(begun);
    var first = grays.step(CANARY, ANN, same).toCompletableFuture();
    var second = grays.step(CANARY, BOB, same).toCompletableFuture();

    assertThat(List.of(now(first), now(second)))
        .filteredOn(Changed.Done.class::isInstance)
        .hasSize(1);
    assertThat(grays.of(KEY).get(0).rule().share()).isEqualTo(200);
  }

  @Test
  void itIsEitherPromotedOrAbortedWhoeverIsQuicker() throws Exception {
    for (int i = 0; i < 100; i++) {
      String before = "old" + i;
      String after = "new" + i;
      publish(before);
      started(CANARY, after, RULE);
      List<CompletableFuture<Changed>> both = new ArrayList<>();
      both.add(CompletableFuture.supplyAsync(() -> join(promote())));
      both.add(CompletableFuture.supplyAsync(() -> join(abort())));
      Changed promoted = now(both.get(0));
      Changed aborted = now(both.get(1));

      boolean isPromoted = promoted instanceof Changed.Done;
      assertThat(aborted instanceof Changed.Done).isEqualTo(!isPromoted);
      assertThat(seen(OTHER)).isEqualTo(isPromoted ? after : before);
      assertThat(grays.of(KEY)).isEmpty();
    }
  }

  private CompletionStage<Changed> promote() {
    return grays.promote(CANARY, BOB, Expected.ANYTHING, false);
  }

  private CompletionStage<Changed> abort() {
    return grays.abort(CANARY, BOB, Expected.ANYTHING);
  }

  private static Changed join(CompletionStage<Changed> stage) {
    return stage.toCompletableFuture().join();
  }

  @Test
  void aConfigHasTenAtTheMost() throws Exception {
    publish("old");
    for (int i = 0; i < GrayReleases.MAX; i++) {
      started(new GrayKey(KEY, "g" + i), "new", GrayRule.share(0));
    }
    assertThat(start(CANARY, "new", RULE, Expected.ANYTHING)).isInstanceOf(Changed.Refused.class);
    started(new GrayKey(KEY, "g0"), "other", RULE); // one that is there
    assertThat(seen(CHOSEN)).isEqualTo("other");
  }

  @Test
  void comparesBeforeItSets() throws Exception {
    publish("old");
    Id first = started(CANARY, "new", RULE);
    assertThat(start(CANARY, "x", RULE, Expected.ABSENT)).isInstanceOf(Changed.Conflict.class);
    started(CANARY, "newer", RULE);
    assertThat(start(CANARY, "x", RULE, new Expected.Version(first)))
        .isInstanceOf(Changed.Conflict.class);
    assertThat(start(CANARY, "x", RULE, new Expected.Content(Md5.of(Payload.of("newer")))))
        .isInstanceOf(Changed.Done.class);
  }

  @Test
  void whatSomebodyElseWroteThereIsShownToNobody() throws Exception {
    publish("old");
    Topic topic = CANARY.topic();
    now(hub.publish(Append.of(topic, "text/plain", Payload.of("no rule"))));
    now(
        hub.publish(
            Append.of(topic, "text/plain", Payload.of("bad rule"))
                .withHeaders(Map.of("gray-rule", "share=1|address=nobody"))));
    now(
        hub.publish(
            Append.of(topic, "text/plain", Payload.of("bad stages"))
                .withHeaders(Map.of("gray-rule", "share=10000", "gray-stages", "2,1"))));

    assertThat(now(grays.get(CANARY))).isEmpty();
    assertThat(seen(CHOSEN)).isEqualTo("old");
    started(CANARY, "new", RULE);
    assertThat(seen(CHOSEN)).isEqualTo("new");
  }

  @Test
  void aPromotionThatTheLogHasForgottenIsFinishedToo() throws Exception {
    publish("old");
    marked();
    GrayVersion mark = now(grays.get(CANARY)).orElseThrow().version();
    Map<String, String> headers = Map.of(Configs.PROMOTED_FROM, mark.id().toString());
    now(hub.publish(Append.of(KEY.topic(), "text/plain", Payload.of("new")).withHeaders(headers)));

    assertThat(now(grays.finish(CANARY))).isInstanceOf(Changed.Done.class);
    assertThat(grays.of(KEY)).isEmpty();
    assertThat(now(configs.history(KEY))).hasSize(2);
  }

  @Test
  void aPromotionWhoseNodeDiedIsFinishedOnce() throws Exception {
    publish("old");
    marked();
    assertThat(now(abort())).isInstanceOf(Changed.Refused.class);
    now(configs.promote(now(grays.get(CANARY)).orElseThrow())); // it came so far and died
    List<CompletionStage<Changed>> nodes =
        IntStream.range(0, 4).mapToObj(i -> grays.finish(CANARY)).toList();
    for (CompletionStage<Changed> node : nodes) {
      now(node);
    }

    assertThat(grays.of(KEY)).isEmpty();
    assertThat(now(configs.history(KEY))).hasSize(2);
    assertThat(seen(OTHER)).isEqualTo("new");
  }

  /** Marks the canary as being promoted, and does not go on. */
  private void marked() throws Exception {
    started(CANARY, "new", RULE);
    GrayContent gray = now(grays.get(CANARY)).orElseThrow();
    Map<String, String> marked =
        GrayVersion.headers(
            gray.version().attributes(),
            gray.version().md5(),
            RULE,
            gray.version().rollout().in(Rollout.State.PROMOTING, ""));
    now(
        hub.publish(
            Append.of(CANARY.topic(), "text/plain", Payload.of("new")).withHeaders(marked)));
    await().until(() -> grays.of(KEY).get(0).rollout().state() == Rollout.State.PROMOTING);
  }
}
