package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MessageRulesTest {
  @Test
  void aTypeIsVisibleAsciiOfALength() {
    for (String good : List.of("", "text/plain; charset=utf-8", "x".repeat(256))) {
      assertThatCode(() -> MessageRules.checkType(good)).doesNotThrowAnyException();
    }
    for (String bad : List.of("a\nb", "a\u007f", "ä", "x".repeat(257))) {
      assertThatThrownBy(() -> MessageRules.checkType(bad))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("at most 256");
    }
  }

  @Test
  void aHeaderIsATokenAndAValueOnOneLine() {
    for (List<String> good :
        List.of(List.of("a", ""), List.of("X-y_z.1", "ü €"), List.of("n".repeat(128), "v"))) {
      assertThatCode(() -> MessageRules.checkHeader(good.get(0), good.get(1)))
          .doesNotThrowAnyException();
    }
    for (List<String> bad :
        List.of(
            List.of("", "v"),
            List.of("a b", "v"),
            List.of("ü", "v"),
            List.of("n".repeat(129), "v"),
            List.of("n", "a\r\nb"),
            List.of("n", "\u007f"),
            List.of("n", "\ud800"),
            List.of("n", "v".repeat(4_097)))) {
      assertThatThrownBy(() -> MessageRules.checkHeader(bad.get(0), bad.get(1)))
          .isInstanceOf(MalformedException.class)
          .hasMessageStartingWith("headers: ");
    }
  }

  @Test
  void aConditionIsAnIdOrAWord() {
    assertThat(MessageRules.condition("*")).isEqualTo(Condition.PRESENT);
    assertThat(MessageRules.condition("none")).isEqualTo(Condition.ABSENT);
    assertThat(MessageRules.condition("e-0.z"))
        .isEqualTo(new Condition.LatestIs(new Id("e", 0, 35)));
    assertThatThrownBy(() -> MessageRules.condition("newest"))
        .isInstanceOf(MalformedException.class);
  }
}
