package io.posthaste.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.MalformedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GrayRuleTest {
  private static final ConfigKey KEY = new ConfigKey("", "G", "app.yaml");
  private static final long SEED = Long.getLong("posthaste.seed", 5);

  private static Instance named(String id) {
    return new Instance(id, "", "", new TreeMap<>(), "");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.7,     10.0.0.7,        true",
    "10.0.0.7,     10.0.0.8,        false",
    "10.0.0.0/8,   10.200.3.4,      true",
    "10.0.0.0/8,   11.0.0.0,        false",
    "10.1.2.3/16,  10.1.255.255,    true",
    "0.0.0.0/0,    1.2.3.4,         true",
    "0.0.0.0/0,    ::1,             false",
    "fd00::/8,     fd12::3,         true",
    "fd00::/8,     fe80::1,         false",
    "::1,          0:0:0:0:0:0:0:1, true",
    "10.0.0.7,     ::ffff:10.0.0.7, true",
    "10.0.0.0/8,   pod-7,           false",
    "10.0.0.0/8,   '',              false",
  })
  void anAddressIsOfARangeByItsFirstBits(String range, String address, boolean contained) {
    assertThat(AddressRange.parse(range).contains(address)).isEqualTo(contained);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "shop",
        "10.0.0",
        "10.0.0.0.0",
        "10.0.0.256",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "fd00::/129",
        "fd00::%eth0",
        "a:b.example",
        "10.0.0.0/8/8",
        "+1.2.3.4",
        "1٢.0.0.1"
      })
  void whatIsNoRangeIsRefusedAndNoNameLookedUp(String text) {
    assertThatThrownBy(() -> AddressRange.parse(text))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("10.0.0.0/8");
  }

  @Test
  void ofEachKindOneMustFitAndOfSeveralMatchesOne() {
    GrayMatch canaryInEurope =
        new GrayMatch(
            List.of(AddressRange.parse("10.0.0.0/8")),
            List.of("shop", "Till"),
            new TreeMap<>(Map.of("stage", List.of("canary"), "zone", List.of("eu", "uk"))));
    GrayRule rule =
        new GrayRule(
            1, GrayRule.ALL, List.of(canaryInEurope, GrayMatch.label("tester", "ann & bob|=")));

    assertThat(rule.takes(KEY, like("10.0.0.1", "till", "canary", "uk"))).isTrue();
    assertThat(rule.takes(KEY, like("11.0.0.1", "till", "canary", "uk"))).isFalse();
    assertThat(rule.takes(KEY, like("10.0.0.1", "other", "canary", "uk"))).isFalse();
    assertThat(rule.takes(KEY, like("10.0.0.1", "till", "canary", "us"))).isFalse();
    assertThat(rule.takes(KEY, like("10.0.0.1", "till", "stable", "uk"))).isFalse();
    assertThat(rule.takes(KEY, Instance.at("", Map.of("tester", "ann & bob|=")))).isTrue();
    assertThat(rule.takes(KEY, Instance.UNKNOWN)).isFalse();
    assertThat(GrayRule.parse(rule.toString())).isEqualTo(rule);
  }

  private static Instance like(String address, String application, String stage, String zone) {
    return new Instance(
        "", address, application, new TreeMap<>(Map.of("stage", stage, "zone", zone)), "");
  }

  @Test
  void aShareKeepsThoseThatItHasAsItGrows() {
    Random random = new Random(SEED);
    for (int i = 0; i < 20_000; i++) {
      Instance instance = named("pod-" + random.nextLong());
      int small = random.nextInt(GrayRule.ALL + 1);
      int great = small + random.nextInt(GrayRule.ALL + 1 - small);
      if (GrayRule.share(small).takes(KEY, instance)) {
        assertThat(GrayRule.share(great).takes(KEY, instance))
            .as("%s %s", instance, great)
            .isTrue();
      }
    }
  }

  @Test
  void aShareIsAboutAsLargeAsItSaysAlsoOfNamesThatAreMuchAlike() {
    List<Instance> pods = new ArrayList<>();
    IntStream.range(0, 10_000).forEach(i -> pods.add(named("shop-" + i)));
    for (int share : List.of(100, 1_000, 5_000, 9_000)) {
      GrayRule rule = GrayRule.share(share);
      long taken = pods.stream().filter(pod -> rule.takes(KEY, pod)).count();
      // Five standard deviations of a binomial: no seed of ours comes near.
      double p = share / 10_000.0;
      double margin = 5 * Math.sqrt(10_000 * p * (1 - p));
      assertThat((double) taken).isBetween(share - margin, share + margin);
    }
  }

  @Test
  void theFirstOfOneConfigAreNotTheFirstOfTheNext() {
    ConfigKey other = new ConfigKey("", "G", "other.yaml");
    GrayRule rule = GrayRule.share(1_000);
    long both =
        IntStream.range(0, 10_000)
            .mapToObj(i -> named("shop-" + i))
            .filter(pod -> rule.takes(KEY, pod) && rule.takes(other, pod))
            .count();
    assertThat(both).isBetween(50L, 150L); // a tenth of a tenth
  }

  @Test
  void ofWhomNothingIsKnownIsOfNoShareButAll() {
    assertThat(GrayRule.share(GrayRule.ALL - 1).takes(KEY, Instance.UNKNOWN)).isFalse();
    assertThat(GrayRule.share(GrayRule.ALL).takes(KEY, Instance.UNKNOWN)).isTrue();
    assertThat(GrayRule.share(0).takes(KEY, named("pod"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "priority",
        "priority=x",
        "priority=1001",
        "share=10001",
        "share=-1",
        "colour=red",
        "share=1|",
        "share=1|address=x",
        "share=1|colour=red",
        "share=%zz"
      })
  void aRuleThatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> GrayRule.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void whateverAMessageSaysItIsARuleOrRefused() {
    String good = "priority=1&share=500|address=10.0.0.0%2F8&label.stage=a%26b|application=shop";
    String alphabet = "&|=%/.:,-+0129afxy\u0000\u00e9";
    Random random = new Random(SEED);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(good);
      for (int edits = 1 + random.nextInt(6); edits > 0; edits--) {
        int at = random.nextInt(text.length());
        char other = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, other);
          case 1 -> text.insert(at, other);
          default -> text.delete(at, Math.min(text.length() - 1, at + random.nextInt(8)));
        }
      }
      try {
        GrayRule rule = GrayRule.parse(text.toString());
        assertThat(GrayRule.parse(rule.toString())).as(text.toString()).isEqualTo(rule);
        rule.takes(KEY, named("pod"));
      } catch (MalformedException refused) {
        assertThat(refused).hasMessageStartingWith("rule: ");
      }
    }
  }

  @Test
  void aRuleTooLongIsRefused() {
    GrayMatch match = GrayMatch.label("pod", "x".repeat(17_000));
    assertThatThrownBy(() -> GrayRule.of(1, match))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("too long");
  }
}
