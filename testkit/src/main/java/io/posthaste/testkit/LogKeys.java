package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static io.posthaste.testkit.LogFixture.message;
import static io.posthaste.testkit.LogFixture.stored;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Idempotency keys. */
interface LogKeys extends LogFixture {
  @Test
  default void aRetryIsGivenTheFirstAnswerAgain() {
    Appended.Stored first = stored(append(message("a", "1").withKey("k")));
    publish("a", "2");
    Appended.Stored again = stored(append(message("a", "1").withKey("k")));
    assertThat(again).isEqualTo(new Appended.Stored(first.id(), first.timeMillis(), true));
    assertThat(texts("a")).containsExactly("1", "2");
  }

  @Test
  default void theSameKeyWithAnotherBodyIsRefused() {
    append(message("a", "1").withKey("k"));
    assertThat(append(message("a", "2").withKey("k"))).isEqualTo(new Appended.KeyReused());
    assertThat(texts("a")).containsExactly("1");
  }

  @Test
  default void aKeyBelongsToItsTopic() {
    append(message("a", "1").withKey("k"));
    Appended.Stored other = stored(append(message("b", "2").withKey("k")));
    assertThat(other.repeated()).isFalse();
    assertThat(texts("b")).containsExactly("2");
  }

  @Test
  default void theKeyIsLookedAtBeforeTheCondition() {
    Append append = message("a", "1").withKey("k").when(Condition.ABSENT);
    Appended.Stored first = stored(append(append));
    Appended.Stored again = stored(append(append));
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.repeated()).isTrue();
  }

  @Test
  default void aRefusedAppendDoesNotUseItsKeyUp() {
    assertThat(append(message("a", "1").withKey("k").when(Condition.PRESENT)))
        .isInstanceOf(Appended.ConditionFailed.class);
    publish("a", "0");
    assertThat(stored(append(message("a", "1").withKey("k").when(Condition.PRESENT))).repeated())
        .isFalse();
  }

  @Test
  default void aKeyIsKnownToTheRestOfItsBatch() {
    List<Appended> outcomes =
        answer(
            log()
                .append(
                    List.of(
                        message("a", "1").withKey("k"),
                        message("a", "1").withKey("k"),
                        message("a", "2").withKey("k"))));
    assertThat(stored(outcomes.get(1)).id()).isEqualTo(stored(outcomes.get(0)).id());
    assertThat(stored(outcomes.get(1)).repeated()).isTrue();
    assertThat(outcomes.get(2)).isEqualTo(new Appended.KeyReused());
    assertThat(texts("a")).containsExactly("1");
  }

  @Test
  default void concurrentRetriesAreOneMessage() {
    List<CompletionStage<List<Appended>>> tries = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      tries.add(log().append(List.of(message("a", "1").withKey("k"))));
    }
    Set<Object> ids = new HashSet<>();
    int fresh = 0;
    for (CompletionStage<List<Appended>> attempt : tries) {
      Appended.Stored stored = stored(answer(attempt).get(0));
      ids.add(stored.id());
      fresh += stored.repeated() ? 0 : 1;
    }
    assertThat(ids).hasSize(1);
    assertThat(fresh).isEqualTo(1);
    assertThat(texts("a")).containsExactly("1");
  }

  @Test
  default void aKeyOutlivesItsMessage() {
    Appended.Stored first = stored(append(message("one/a", "1").withKey("k")));
    publish("one/a", "2");
    awaitTexts("one/a", List.of("2"));
    assertThat(stored(append(message("one/a", "1").withKey("k"))).id()).isEqualTo(first.id());
  }

  @Test
  default void aKeyIsRememberedForFiveMinutesAtLeast() {
    Appended.Stored first = stored(append(message("a", "1").withKey("k")));
    Appended.Stored inMemory = stored(append(message("ring/a", "1").withKey("k")));
    clock().advance(Duration.ofMinutes(5));
    publish("b", "later");
    publish("ring/b", "later");
    assertThat(stored(append(message("a", "1").withKey("k"))).id()).isEqualTo(first.id());
    assertThat(stored(append(message("ring/a", "1").withKey("k"))).id()).isEqualTo(inMemory.id());
  }
}
