package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static io.posthaste.testkit.LogFixture.message;
import static io.posthaste.testkit.LogFixture.stored;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What must be true of a topic's latest message for an append to be taken. */
interface LogConditions extends LogFixture {
  @Test
  default void absentHoldsOnlyWhereNothingIs() {
    Id first = stored(append(message("a", "1").when(Condition.ABSENT))).id();
    assertThat(append(message("a", "2").when(Condition.ABSENT)))
        .isEqualTo(new Appended.ConditionFailed(first));
    assertThat(texts("a")).containsExactly("1");
  }

  @Test
  default void absentHoldsAfterATombstone() {
    publish("a", "1");
    stored(append(Append.tombstone(new Topic("a"))));
    stored(append(message("a", "2").when(Condition.ABSENT)));
  }

  @Test
  default void presentHoldsOnlyWhereAMessageIs() {
    assertThat(append(message("a", "1").when(Condition.PRESENT)))
        .isEqualTo(new Appended.ConditionFailed(null));
    publish("a", "1");
    stored(append(message("a", "2").when(Condition.PRESENT)));
    Id tombstone = stored(append(Append.tombstone(new Topic("a")))).id();
    assertThat(append(message("a", "3").when(Condition.PRESENT)))
        .isEqualTo(new Appended.ConditionFailed(tombstone));
  }

  @Test
  default void latestIsHoldsForTheLatestOnly() {
    Id first = publish("a", "1");
    Id second = stored(append(message("a", "2").when(new Condition.LatestIs(first)))).id();
    assertThat(append(message("a", "3").when(new Condition.LatestIs(first))))
        .isEqualTo(new Appended.ConditionFailed(second));
    Id other = publish("b", "1");
    assertThat(append(message("a", "3").when(new Condition.LatestIs(other))))
        .isEqualTo(new Appended.ConditionFailed(second));
    assertThat(append(message("nowhere", "3").when(new Condition.LatestIs(first))))
        .isEqualTo(new Appended.ConditionFailed(null));
  }

  @Test
  default void latestIsMayBeATombstone() {
    publish("a", "1");
    Id tombstone = stored(append(Append.tombstone(new Topic("a")))).id();
    stored(append(message("a", "2").when(new Condition.LatestIs(tombstone))));
  }

  @Test
  default void latestIsOfAnotherEpochDoesNotHold() {
    Id first = publish("a", "1");
    Id foreign = new Id("0other0", first.partition(), first.sequence());
    assertThat(append(message("a", "2").when(new Condition.LatestIs(foreign))))
        .isEqualTo(new Appended.ConditionFailed(first));
  }

  @Test
  default void aTombstoneIsWrittenOnlyOverAMessage() {
    Append tombstone = Append.tombstone(new Topic("a"));
    assertThat(append(tombstone)).isEqualTo(new Appended.ConditionFailed(null));
    publish("a", "1");
    Id id = stored(append(tombstone)).id();
    assertThat(append(tombstone)).isEqualTo(new Appended.ConditionFailed(id));
    Message latest = answer(log().latest(new Topic("a"))).orElseThrow();
    assertThat(latest.deleted()).isTrue();
    assertThat(latest.payload().length()).isZero();
    assertThat(answer(log().state(new Topic("a"))).orElseThrow().deleted()).isTrue();
  }

  @Test
  default void conditionsSeeWhatStandsBeforeThemInTheBatch() {
    List<Appended> outcomes =
        answer(
            log()
                .append(
                    List.of(
                        message("a", "1").when(Condition.ABSENT),
                        message("a", "2").when(Condition.ABSENT),
                        message("a", "3").when(Condition.PRESENT),
                        Append.tombstone(new Topic("a")),
                        Append.tombstone(new Topic("a")),
                        message("a", "4").when(Condition.ABSENT))));
    assertThat(outcomes.get(0)).isInstanceOf(Appended.Stored.class);
    assertThat(outcomes.get(1))
        .isEqualTo(new Appended.ConditionFailed(stored(outcomes.get(0)).id()));
    assertThat(outcomes.get(2)).isInstanceOf(Appended.Stored.class);
    assertThat(outcomes.get(3)).isInstanceOf(Appended.Stored.class);
    assertThat(outcomes.get(4))
        .isEqualTo(new Appended.ConditionFailed(stored(outcomes.get(3)).id()));
    assertThat(outcomes.get(5)).isInstanceOf(Appended.Stored.class);
    assertThat(texts("a")).containsExactly("1", "3", "", "4");
  }

  @Test
  default void ofConcurrentAppendsOverTheSameLatestExactlyOneWins() {
    Id latest = publish("a", "start");
    for (int round = 0; round < 20; round++) {
      Condition condition = new Condition.LatestIs(latest);
      List<CompletionStage<List<Appended>>> races = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        races.add(log().append(List.of(message("a", round + ":" + i).when(condition))));
      }
      List<Appended> outcomes = new ArrayList<>();
      races.forEach(race -> outcomes.addAll(answer(race)));
      List<Appended> won = new ArrayList<>(outcomes);
      won.removeIf(outcome -> !(outcome instanceof Appended.Stored));
      assertThat(won).hasSize(1);
      latest = stored(won.get(0)).id();
      outcomes.removeAll(won);
      assertThat(outcomes).containsOnly(new Appended.ConditionFailed(latest));
    }
  }

  @Test
  default void conditionsHoldInTheMemoryPartitionToo() {
    Id first = stored(append(message("ring/a", "1").when(Condition.ABSENT))).id();
    assertThat(append(message("ring/a", "2").when(Condition.ABSENT)))
        .isEqualTo(new Appended.ConditionFailed(first));
    stored(append(message("ring/a", "2").when(new Condition.LatestIs(first))));
  }
}
