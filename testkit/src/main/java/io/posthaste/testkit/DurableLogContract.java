package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.message;
import static io.posthaste.testkit.LogFixture.stored;
import static io.posthaste.testkit.LogFixture.tells;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The duties of a log that outlives its process. */
public abstract class DurableLogContract extends LogContract {
  /** Opens again what the log that {@link #open} gave held; that one is closed. */
  protected abstract Log openAgain(Policies policies, InstantSource clock) throws Exception;

  private void restart() throws Exception {
    log().close();
    replace(openAgain(POLICIES, clock()));
  }

  @Test
  final void messagesAreTheSameAfterARestart() throws Exception {
    append(message("a", "1").withHeaders(Map.of("x", "y")));
    publish("b/c", "2");
    append(Append.tombstone(new Topic("a")));
    String epoch = log().epoch();
    int partition = partition("a");
    List<Message> before = all(partition, 0, 100, "#");
    restart();
    assertThat(log().epoch()).isEqualTo(epoch);
    assertThat(all(partition, 0, 100, "#")).isEqualTo(before).hasSize(3);
  }

  @Test
  final void sequencesGoOnRisingAfterARestart() throws Exception {
    Id before = publish("a", "1");
    restart();
    assertThat(head(before.partition())).isGreaterThanOrEqualTo(before.sequence());
    Id after = publish("a", "2");
    assertThat(after.sequence()).isGreaterThan(before.sequence());
    assertThat(texts("a")).containsExactly("1", "2");
  }

  @Test
  final void keysAreRememberedAcrossARestart() throws Exception {
    Appended.Stored first = stored(append(message("a", "1").withKey("k")));
    restart();
    Appended.Stored again = stored(append(message("a", "1").withKey("k")));
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.timeMillis()).isEqualTo(first.timeMillis());
    assertThat(again.repeated()).isTrue();
    assertThat(texts("a")).containsExactly("1");
  }

  @Test
  final void conditionsSeeWhatWasThereBeforeARestart() throws Exception {
    Id first = publish("a", "1");
    restart();
    assertThat(append(message("a", "2").when(Condition.ABSENT)))
        .isEqualTo(new Appended.ConditionFailed(first));
    stored(append(message("a", "2").when(new Condition.LatestIs(first))));
  }

  @Test
  final void timeDoesNotFallAcrossARestart() throws Exception {
    long first = stored(append(message("a", "1"))).timeMillis();
    clock().advance(Duration.ofHours(-1));
    restart();
    assertThat(stored(append(message("a", "2"))).timeMillis()).isGreaterThanOrEqualTo(first);
  }

  @Test
  final void whatWasLostBeforeARestartIsStillToldAsMissed() throws Exception {
    Id first = publish("few/a", "0");
    for (int i = 1; i < 10; i++) {
      publish("few/a", "" + i);
    }
    awaitTexts("few/a", List.of("7", "8", "9"));
    restart();
    Page page = page(first.partition(), first.sequence(), 100, "few/a");
    assertThat(tells(page.gaps(), "few/a")).isTrue();
  }

  @Test
  final void aTopicOfWhichNothingIsLeftIsStillToldAsMissedAfterARestart() throws Exception {
    Id first = publish("brief/a", "1");
    publish("brief/a", "2");
    passAge("brief/a");
    restart();
    Page page = page(first.partition(), first.sequence(), 100, "brief/a");
    assertThat(tells(page.gaps(), "brief/a")).isTrue();
    assertThat(tells(page(first.partition(), 0, 100, "brief/#").gaps(), "brief/a")).isTrue();
  }

  @Test
  final void memoryTopicsThatARestartLosesAreSaidToBeMissed() throws Exception {
    Id first = publish("ring/a", "1");
    publish("a", "durable");
    restart();
    boolean lost = texts("ring/a").isEmpty(); // an engine may keep more than it must
    assertThat(tells(page(first.partition(), 0, 100, "ring/a").gaps(), "ring/a")).isEqualTo(lost);
    Id second = publish("ring/a", "2");
    assertThat(second).isNotEqualTo(first);
    assertThat(second.sequence()).isGreaterThan(first.sequence());
    assertThat(tells(page(first.partition(), first.sequence(), 100, "ring/#").gaps(), "ring/a"))
        .isEqualTo(lost);
  }
}
