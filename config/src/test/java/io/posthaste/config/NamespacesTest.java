package io.posthaste.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.MalformedException;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Namespaces are made, described and removed, and hold no more than they may. */
final class NamespacesTest {
  private static final ConfigAttributes ANN =
      ConfigAttributes.NONE.by("ann", "10.9.9.9", "for the shop");
  private static final NamespaceQuota THREE =
      new NamespaceQuota(3, NamespaceQuota.UNLIMITED, NamespaceQuota.UNLIMITED);
  private static final NamespaceQuota TEN_BYTES =
      new NamespaceQuota(NamespaceQuota.UNLIMITED, 10, NamespaceQuota.UNLIMITED);
  private static final NamespaceQuota FIVE_EACH =
      new NamespaceQuota(NamespaceQuota.UNLIMITED, NamespaceQuota.UNLIMITED, 5);

  private final Log log =
      new MemoryLog(MemoryLog.Options.of(new Policies(ConfigPolicy.before(List.of()))));
  private final Hub hub = new Hub(log);
  private final Configs configs = new Configs(hub);
  private final ConfigNamespaces namespaces = configs.namespaces();

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

  private static ConfigKey key(String name) {
    return new ConfigKey("shop", "G", name);
  }

  private void limit(NamespaceQuota quota) throws Exception {
    assertThat(now(namespaces.put("shop", "The shop", "", quota, ANN, Expected.ANYTHING)))
        .isInstanceOf(Changed.Done.class);
  }

  private Changed publish(String name, String content) throws Exception {
    return now(
        configs.publish(key(name), Payload.of(content), ConfigAttributes.NONE, Expected.ANYTHING));
  }

  private ConfigNamespace shop() {
    return namespaces.find("shop").orElseThrow();
  }

  @Test
  void oneThatIsMadeIsThereWithoutAConfig() throws Exception {
    assertThat(namespaces.find("shop")).isEmpty();
    Changed made =
        now(namespaces.put("shop", "The shop", "what is sold", THREE, ANN, Expected.ABSENT));
    assertThat(shop())
        .satisfies(
            shop -> {
              assertThat(shop.title()).isEqualTo("The shop");
              assertThat(shop.description()).isEqualTo("what is sold");
              assertThat(shop.quota()).isEqualTo(THREE);
              assertThat(shop.author()).isEqualTo("ann");
              assertThat(shop.comment()).isEqualTo("for the shop");
              assertThat(shop.id()).isEqualTo(((Changed.Done) made).id());
            });
    assertThat(namespaces.all())
        .extracting(ConfigNamespace::name)
        .containsExactly("public", "shop");
    assertThat(now(namespaces.put("shop", "", "", THREE, ANN, Expected.ABSENT)))
        .isInstanceOf(Changed.Conflict.class);
  }

  @Test
  void oneOfWhichNothingIsSaidIsThereWhileAConfigIsInIt() throws Exception {
    publish("a", "12345");
    assertThat(shop())
        .extracting(ConfigNamespace::isMade, ConfigNamespace::configs, ConfigNamespace::bytes)
        .containsExactly(false, 1L, 5L);
    publish("a", "123");
    assertThat(shop().bytes()).isEqualTo(3);
    now(configs.remove(key("a"), ANN, Expected.ANYTHING));
    assertThat(namespaces.find("shop")).isEmpty();
  }

  @Test
  void itIsRemovedOnlyWhenNothingIsInIt() throws Exception {
    limit(THREE);
    publish("a", "1");
    assertThat(now(namespaces.remove("shop", ANN, Expected.ANYTHING)))
        .isEqualTo(
            new Changed.Refused(
                "namespace \"shop\" has 1 config (expected: none; delete them first)"));
    now(configs.remove(key("a"), ANN, Expected.ANYTHING));
    assertThat(now(namespaces.remove("shop", ANN, Expected.ANYTHING)))
        .isInstanceOf(Changed.Done.class);
    assertThat(namespaces.find("shop")).isEmpty();
    assertThat(now(namespaces.remove("shop", ANN, Expected.ANYTHING)))
        .isInstanceOf(Changed.AbsentAlready.class);
    assertThat(now(namespaces.remove("public", ANN, Expected.ANYTHING)))
        .isInstanceOf(Changed.Refused.class);
  }

  @Test
  void thereAreNoMoreConfigsThanTheQuotaSays() throws Exception {
    limit(THREE);
    for (int i = 0; i < 3; i++) {
      assertThat(publish("c" + i, "v")).isInstanceOf(Changed.Done.class);
    }
    assertThat(publish("c3", "v"))
        .isEqualTo(
            new Changed.Refused(
                "namespace \"shop\": has 3 configs (expected: at most 3, by its quota)"));
    assertThat(publish("c0", "other")).isInstanceOf(Changed.Done.class);
    now(configs.remove(key("c0"), ANN, Expected.ANYTHING));
    assertThat(publish("c3", "v")).isInstanceOf(Changed.Done.class);
    assertThat(configs.md5(key("c0"))).isNull();
  }

  @Test
  void nobodyGoesRoundItByTheTopicOrABatch() throws Exception {
    limit(THREE);
    List<Append> all =
        IntStream.range(0, 5)
            .mapToObj(i -> Append.of(key("c" + i).topic(), "text/plain", Payload.of("v")))
            .toList();
    assertThat(now(hub.publish(all)))
        .hasSize(5)
        .satisfies(
            outcomes -> {
              assertThat(outcomes.subList(0, 3)).hasOnlyElementsOfType(Appended.Stored.class);
              assertThat(outcomes.subList(3, 5)).hasOnlyElementsOfType(Appended.Refused.class);
            });
    // The index may not have heard of them yet; what is on its way counts all the same.
    assertThat(now(hub.publish(all.get(4)))).isInstanceOf(Appended.Refused.class);
    assertThat(now(hub.publish(Append.of(new Topic("other"), "", Payload.of("v")))))
        .isInstanceOf(Appended.Stored.class);
  }

  @Test
  void ofManyAtOnceAsManyAsFitAreTaken() throws Exception {
    limit(THREE);
    List<CompletionStage<Changed>> all =
        IntStream.range(0, 50)
            .parallel()
            .mapToObj(i -> configs.publish(key("c" + i), Payload.of("v"), ANN, Expected.ANYTHING))
            .toList();
    int taken = 0;
    for (CompletionStage<Changed> one : all) {
      taken += now(one) instanceof Changed.Done ? 1 : 0;
    }
    assertThat(taken).isEqualTo(3);
    assertThat(shop().configs()).isEqualTo(3);
  }

  @Test
  void whatDidNotComeAboutIsNotCounted() throws Exception {
    limit(THREE);
    for (int i = 0; i < 10; i++) {
      Id elsewhere = new Id(hub.epoch(), 0, 99);
      assertThat(
              now(configs.publish(key("c"), Payload.of("v"), ANN, new Expected.Version(elsewhere))))
          .isInstanceOf(Changed.Conflict.class);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(publish("c" + i, "v")).isInstanceOf(Changed.Done.class);
    }
  }

  @Test
  void retriesCountOnce() throws Exception {
    limit(TEN_BYTES);
    Append once = Append.of(key("a").topic(), "text/plain", Payload.of("123456")).withKey("once");
    for (int i = 0; i < 5; i++) {
      assertThat(now(hub.publish(once))).isInstanceOf(Appended.Stored.class);
    }
    assertThat(publish("b", "1234")).isInstanceOf(Changed.Done.class);
    assertThat(publish("c", "1")).isInstanceOf(Changed.Refused.class);
  }

  @Test
  void contentsAreNoLargerTogetherThanTheQuotaSays() throws Exception {
    limit(TEN_BYTES);
    publish("a", "123456");
    assertThat(publish("b", "12345"))
        .isEqualTo(
            new Changed.Refused(
                "namespace \"shop\": would have 11 bytes of configs"
                    + " (expected: at most 10, by its quota)"));
    assertThat(publish("a", "1234567890")).isInstanceOf(Changed.Done.class);
    limit(FIVE_EACH);
    limit(TEN_BYTES);
    assertThat(publish("a", "12")).isInstanceOf(Changed.Done.class);
    assertThat(publish("b", "12345678")).isInstanceOf(Changed.Done.class);
  }

  @Test
  void whatIsThereMayShrinkUnderAQuotaThatCameLater() throws Exception {
    publish("a", "12345678901234567890");
    limit(TEN_BYTES);
    assertThat(publish("a", "123456789012345")).isInstanceOf(Changed.Done.class);
    assertThat(publish("a", "1234567890123456")).isInstanceOf(Changed.Refused.class);
  }

  @Test
  void noneIsLargerThanTheQuotaSaysNotEvenAGrayOne() throws Exception {
    limit(FIVE_EACH);
    assertThat(publish("a", "123456"))
        .isEqualTo(
            new Changed.Refused(
                "namespace \"shop\": a config of 6 bytes (expected: at most 5 each, by its quota)"));
    assertThat(
            now(
                configs
                    .grays()
                    .start(
                        new GrayKey(key("a"), "canary"),
                        Payload.of("123456"),
                        ConfigAttributes.NONE,
                        GrayRule.of(1, GrayMatch.label("a", "b")),
                        List.of(),
                        Duration.ZERO,
                        Expected.ANYTHING)))
        .isInstanceOf(Changed.Refused.class);
  }

  @Test
  void whatIsLargerThanAQuotaThatCameLaterCanBeHeldAndSaidAgain() throws Exception {
    publish("a", "1234567");
    GrayKey canary = new GrayKey(key("a"), "canary");
    now(
        configs
            .grays()
            .start(
                canary,
                Payload.of("12345678"),
                ConfigAttributes.NONE,
                GrayRule.of(1, GrayMatch.label("a", "b")),
                List.of(),
                Duration.ZERO,
                Expected.ANYTHING));
    limit(FIVE_EACH);
    assertThat(now(configs.grays().hold(canary, ANN, Expected.ANYTHING)))
        .isInstanceOf(Changed.Done.class);
    assertThat(publish("a", "123456")).isInstanceOf(Changed.Done.class);
    assertThat(publish("a", "1234567")).isInstanceOf(Changed.Refused.class);
  }

  @Test
  void aGrayVersionThatDoesNotFitIsNotPromoted() throws Exception {
    limit(TEN_BYTES);
    publish("a", "12345");
    GrayKey canary = new GrayKey(key("a"), "canary");
    now(
        configs
            .grays()
            .start(
                canary,
                Payload.of("12345678901"),
                ConfigAttributes.NONE,
                GrayRule.of(1, GrayMatch.label("a", "b")),
                List.of(),
                Duration.ZERO,
                Expected.ANYTHING));
    assertThat(now(configs.grays().promote(canary, ANN, Expected.ANYTHING, false)))
        .isInstanceOf(Changed.Refused.class);
    assertThat(configs.grays().of(key("a")))
        .singleElement()
        .satisfies(
            gray -> {
              assertThat(gray.rollout().state()).isEqualTo(Rollout.State.HELD);
              assertThat(gray.rollout().reason()).contains("by its quota");
            });
    assertThat(configs.md5(key("a"))).isEqualTo(Md5.of(Payload.of("12345")));
  }

  @Test
  void aRawTombstoneMakesRoom() throws Exception {
    limit(THREE);
    for (int i = 0; i < 3; i++) {
      publish("c" + i, "v");
    }
    now(hub.publish(Append.tombstone(key("c0").topic())));
    await().untilAsserted(() -> assertThat(shop().configs()).isEqualTo(2));
    assertThat(publish("c3", "v")).isInstanceOf(Changed.Done.class);
  }

  @Test
  void aNodeThatStartsKnowsWhatIsSaidAndCounts() throws Exception {
    limit(THREE);
    publish("a", "12345");
    try (Hub second = new Hub(log);
        Configs later = new Configs(second)) {
      await().until(later::isReady);
      assertThat(later.namespaces().find("shop")).contains(shop());
    }
  }

  @Test
  void textsThatNoHeaderCanHoldAreRefused() {
    for (String bad : List.of("a\nb", "x".repeat(5_000))) {
      assertThatExceptionOfType(MalformedException.class)
          .isThrownBy(
              () -> namespaces.put("shop", bad, "", NamespaceQuota.NONE, ANN, Expected.ANYTHING));
      assertThatExceptionOfType(MalformedException.class)
          .isThrownBy(
              () -> namespaces.put("shop", "", bad, NamespaceQuota.NONE, ANN, Expected.ANYTHING));
    }
    assertThatExceptionOfType(MalformedException.class)
        .isThrownBy(
            () -> namespaces.put("a/b", "", "", NamespaceQuota.NONE, ANN, Expected.ANYTHING));
    assertThatExceptionOfType(MalformedException.class)
        .isThrownBy(() -> new NamespaceQuota(-1, 0, 0));
  }

  @Test
  void whatNobodyCanReadIsTakenForNoLimit() {
    Map<String, String> headers = Map.of("quota-configs", "many", "quota-bytes", "-7");
    Topic topic = NamespaceRecord.topic("shop");
    await()
        .untilAsserted(
            () -> {
              now(log.append(List.of(Append.of(topic, "", Payload.EMPTY).withHeaders(headers))));
              assertThat(namespaces.find("shop").map(ConfigNamespace::quota))
                  .contains(
                      new NamespaceQuota(NamespaceQuota.UNLIMITED, 0, NamespaceQuota.UNLIMITED));
            });
  }
}
