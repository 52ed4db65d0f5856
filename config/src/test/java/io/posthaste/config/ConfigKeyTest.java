package io.posthaste.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What configs are called, and what is kept of them. */
final class ConfigKeyTest {
  @Test
  void noNamespaceIsThePublicOne() {
    assertThat(new ConfigKey("", "G", "n")).isEqualTo(new ConfigKey("public", "G", "n"));
    assertThat(new ConfigKey("", "G", "n").topic().name()).isEqualTo("config/public/G/n");
  }

  @Test
  void caseMatters() {
    assertThat(new ConfigKey("", "G", "n")).isNotEqualTo(new ConfigKey("", "g", "n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a/b", "a+", "#", "a\u0001", "%41"})
  void otherCharactersAreRefused(String name) {
    assertThatThrownBy(() -> new ConfigKey("", "G", name))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("expected: 1 to 255 letters");
  }

  @Test
  void aTopicAndAConfigNameEachOther() {
    ConfigKey key = new ConfigKey("dev", "配置:1", "a_b-c.yaml");
    assertThat(ConfigKey.of(key.topic())).contains(key);
    assertThat(ConfigKey.of(new Topic("conf/dev/g/n"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "*,abc,true",
    "a*,abc,true",
    "*c,abc,true",
    "a*c,abc,true",
    "abc,abc,true",
    "'',abc,true",
    "a*b*c,aXbXbc,true",
    "b*,abc,false",
    "*b,abc,false",
    "abcd,abc,false",
    "a.c,abc,false",
    "**,abc,true",
    "a*,a,true",
    "a*a,a,false"
  })
  void starsStandForAnyText(String pattern, String name, boolean matches) {
    assertThat(new NamePattern(pattern).matches(name)).isEqualTo(matches);
  }

  @Test
  void noPatternTakesLong() {
    NamePattern pattern = new NamePattern("a*".repeat(100) + "b");
    for (int i = 0; i < 1_000; i++) {
      assertThat(pattern.matches("a".repeat(255))).isFalse();
    }
  }

  @Test
  void aRuleForEverythingDoesNotLetConfigsExpire() {
    Policies.Rule everything = Policies.Rule.parse("#=age:1d");
    Policies policies = new Policies(ConfigPolicy.before(List.of(everything)));
    assertThat(policies.of(new Topic("config/public/g/n")).count()).isEqualTo(100);
    assertThat(policies.of(new Topic("news")).age()).isEqualTo(Duration.ofDays(1));
  }

  @Test
  void aRuleForConfigsStands() {
    Policies.Rule own = Policies.Rule.parse("config/#=count:3,age:forever");
    Policies policies = new Policies(ConfigPolicy.before(List.of(own)));
    assertThat(policies.of(new Topic("config/public/g/n")).count()).isEqualTo(3);
  }
}
