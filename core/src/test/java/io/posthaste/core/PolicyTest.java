package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of a {@code --keep} option. */
final class PolicyTest {
  @Test
  void readsEachSetting() {
    assertThat(Policy.parse("count:100,age:7d,bytes:1g,max:4m,memory,mirrored"))
        .isEqualTo(new Policy(100, Duration.ofDays(7), 1L << 30, 4 << 20, true, true));
  }

  @Test
  void whatIsLeftOutIsAsInTheDefault() {
    assertThat(Policy.parse("count:1000")).isEqualTo(Policy.DEFAULT);
    assertThat(Policy.parse("memory:false,mirrored:false")).isEqualTo(Policy.DEFAULT);
    assertThat(Policy.parse(" count : 5 , memory ").count()).isEqualTo(5);
  }

  @Test
  void agesHaveUnits() {
    assertThat(Policy.parse("age:5s").age()).isEqualTo(Duration.ofSeconds(5));
    assertThat(Policy.parse("age:5m").age()).isEqualTo(Duration.ofMinutes(5));
    assertThat(Policy.parse("age:5h").age()).isEqualTo(Duration.ofHours(5));
    assertThat(Policy.parse("age:forever").age()).isEqualTo(Policy.FOREVER);
  }

  @Test
  void sizesHaveUnits() {
    assertThat(Policy.parse("bytes:5").bytes()).isEqualTo(5);
    assertThat(Policy.parse("bytes:5k").bytes()).isEqualTo(5 << 10);
    assertThat(Policy.parse("bytes:5M").bytes()).isEqualTo(5 << 20);
    assertThat(Policy.parse("bytes:2t").bytes()).isEqualTo(2L << 40);
    assertThat(Policy.parse("max:64m").maxMessageBytes()).isEqualTo(64 << 20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "count",
        "count:",
        "count:0",
        "count:-1",
        "count:1.5",
        "count:99999999999999999999",
        "age:",
        "age:7",
        "age:d",
        "age:-7d",
        "age:0s",
        "age:7w",
        "age:9223372036854775807d",
        "bytes:",
        "bytes:g",
        "bytes:0",
        "bytes:-1k",
        "bytes:9223372036854775807t",
        "bytes:1p",
        "max:65m",
        "max:0",
        "max:5g",
        "memory:yes",
        "mirrored:1",
        "color:red",
        "count:1,,memory",
        "count:1 000",
        "count=1"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> Policy.parse(text))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("expected: ");
  }

  @Test
  void garbageIsRefusedAndNothingElse() {
    Random random = new Random(1);
    String usual = "countagebytsmxr:,0123456789kmgdhs";
    for (int i = 0; i < 20_000; i++) {
      String text =
          i % 2 == 0
              ? Garbage.text(random, usual, 30)
              : Garbage.damaged(random, "count:100,age:7d,bytes:1g,max:4m,memory", usual);
      try {
        assertThat(Policy.parse(text).count()).isPositive();
      } catch (MalformedException refused) {
        assertThat(refused.getMessage()).as(text).hasSizeLessThan(900);
      }
    }
  }
}
