package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which policy applies to which topic. */
final class PoliciesTest {
  private final Policies policies =
      new Policies(
          List.of(
              Policies.Rule.parse("a/+=count:1"),
              Policies.Rule.parse("a/#=count:2,memory"),
              Policies.Rule.parse("$consumers/#=count:3"),
              Policies.Rule.parse("k=v=count:4")));

  private long count(String topic) {
    return policies.of(new Topic(topic)).count();
  }

  @Test
  void theFirstMatchWins() {
    assertThat(count("a/b")).isEqualTo(1);
    assertThat(count("a/b/c")).isEqualTo(2);
    assertThat(count("a")).isEqualTo(2);
  }

  @Test
  void elseTheDefaultApplies() {
    assertThat(policies.of(new Topic("b"))).isEqualTo(Policy.DEFAULT);
    assertThat(policies.of(new Topic("$other"))).isEqualTo(Policy.DEFAULT);
  }

  @Test
  void theServersOwnRulesStandBeforeAll() {
    assertThat(count("$consumers/x")).isEqualTo(1);
    assertThat(policies.of(new Topic("$consumers/x")).age()).isEqualTo(Policy.FOREVER);
  }

  @Test
  void aPatternMayHaveAnEqualsSign() {
    assertThat(count("k=v")).isEqualTo(4);
  }

  @Test
  void presencesLiveInMemoryWhateverTheRules() {
    assertThat(policies.of(new Topic("$presence/a/b/c")).memory()).isTrue();
    assertThat(Policies.DEFAULT.of(new Topic("$nodes/a")).memory()).isTrue();
    assertThat(count("$presence/a/b/c")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "=", "a", "=count:1", "a=", "a=count:0", "a#=count:1", "a=b=c"})
  void refuses(String rule) {
    assertThatThrownBy(() -> Policies.Rule.parse(rule)).isInstanceOf(MalformedException.class);
  }
}
