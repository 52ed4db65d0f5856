package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static io.posthaste.testkit.LogFixture.message;
import static io.posthaste.testkit.LogFixture.patterns;
import static io.posthaste.testkit.LogFixture.stored;
import static io.posthaste.testkit.LogFixture.tells;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Append;
import io.posthaste.core.Condition;
import io.posthaste.core.Gap;
import io.posthaste.core.Id;
import io.posthaste.core.Page;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.core.TopicState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What policies let go of, and how those hear of it who lack it. */
interface LogRetention extends LogFixture {
  @Test
  default void theNewestAreKeptByCount() {
    for (int i = 0; i < 10; i++) {
      publish("few/a", "" + i);
      publish("few/b", "" + i);
    }
    awaitTexts("few/a", List.of("7", "8", "9"));
    awaitTexts("few/#", List.of("7", "7", "8", "8", "9", "9"));
    TopicState state = answer(log().state(new Topic("few/a"))).orElseThrow();
    assertThat(state.count()).isEqualTo(3);
    assertThat(state.bytes()).isEqualTo(3);
    assertThat(state.oldest()).isLessThan(state.latest());
    assertThat(page(state.partition(), state.oldest() - 1, 1, "few/a").messages()).hasSize(1);
  }

  @Test
  default void theNewestAreKeptByBytes() {
    for (int i = 0; i < 10; i++) {
      publish("light/a", i + "x".repeat(29));
    }
    await()
        .atMost(SHORT_WHILE)
        .untilAsserted(
            () ->
                assertThat(answer(log().state(new Topic("light/a"))).orElseThrow().bytes())
                    .isEqualTo(90));
    assertThat(texts("light/a")).hasSize(3).last().asString().startsWith("9");
  }

  @Test
  default void theNewestIsKeptWhateverItsSize() {
    publish("light/a", "x".repeat(1_000));
    assertThat(texts("light/a")).hasSize(1);
    publish("light/a", "y".repeat(2_000));
    awaitTexts("light/a", List.of("y".repeat(2_000)));
  }

  @Test
  default void messagesGoByAge() {
    publish("brief/a", "1");
    publish("brief/a", "2");
    publish("a", "stays");
    passAge("brief/a");
    assertThat(answer(log().latest(new Topic("brief/a")))).isEmpty();
    assertThat(answer(log().state(new Topic("brief/a")))).isEmpty();
    assertThat(answer(log().topics("brief/", "", 10)).topics()).isEmpty();
    assertThat(texts("a")).containsExactly("stays");
  }

  @Test
  default void aTopicThatWentByAgeIsAbsent() {
    Id first = publish("brief/a", "1");
    passAge("brief/a");
    Id second = stored(append(message("brief/a", "2").when(Condition.ABSENT))).id();
    assertThat(second.sequence()).isGreaterThan(first.sequence());
    assertThat(texts("brief/a")).containsExactly("2");
  }

  @Test
  default void aCursorThatLacksWhatWentByCountIsTold() {
    List<Id> ids = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ids.add(publish("few/a", "" + i));
    }
    awaitTexts("few/a", List.of("7", "8", "9"));
    int partition = ids.get(0).partition();
    for (int seen = 0; seen < 6; seen++) {
      Page page = page(partition, ids.get(seen).sequence(), 10, "few/a");
      assertThat(tells(page.gaps(), "few/a")).isTrue();
      assertThat(tells(page(partition, ids.get(seen).sequence(), 10, "few/#").gaps(), "few/a"))
          .isTrue();
      assertThat(tells(page(partition, ids.get(seen).sequence(), 1, "#").gaps(), "few/a")).isTrue();
    }
  }

  @Test
  default void aGapSaysWhereMessagesGoOn() {
    Id first = publish("few/a", "0");
    for (int i = 1; i < 10; i++) {
      publish("few/a", "" + i);
    }
    awaitTexts("few/a", List.of("7", "8", "9"));
    Page page = page(first.partition(), first.sequence(), 10, "few/a");
    assertThat(page.gaps())
        .containsExactly(
            new Gap(
                new TopicPattern("few/a"), first.partition(), page.messages().get(0).sequence()));
  }

  @Test
  default void aCursorThatLacksNothingOfOneTopicIsNotTold() {
    publish("few/a", "0");
    Id last = publish("few/a", "1");
    for (int i = 2; i < 5; i++) {
      publish("few/a", "" + i);
    }
    awaitTexts("few/a", List.of("2", "3", "4"));
    Page page = page(last.partition(), last.sequence(), 10, "few/a");
    assertThat(texts(page.messages())).containsExactly("2", "3", "4");
    assertThat(page.gaps()).isEmpty();
    assertThat(page(last.partition(), 0, 10, "quiet").gaps()).isEmpty();
  }

  @Test
  default void aCursorThatLacksWhatWentByAgeIsTold() {
    Id first = publish("brief/a", "1");
    Id second = publish("brief/a", "2");
    passAge("brief/a");
    Page page = page(first.partition(), first.sequence(), 10, "brief/a");
    assertThat(page.messages()).isEmpty();
    assertThat(tells(page.gaps(), "brief/a")).isTrue();
    assertThat(tells(page(first.partition(), first.sequence(), 10, "brief/+").gaps(), "brief/a"))
        .isTrue();
    assertThat(tells(page(first.partition(), first.sequence(), 10, "#").gaps(), "brief/a"))
        .isTrue();
    assertThat(page(first.partition(), second.sequence(), 10, "brief/a").gaps()).isEmpty();
    publish("brief/a", "3");
    assertThat(tells(page(first.partition(), first.sequence(), 10, "brief/a").gaps(), "brief/a"))
        .isTrue();
  }

  @Test
  default void aReaderOfOnlyTheLatestIsNeverTold() {
    Id first = publish("few/a", "0");
    for (int i = 1; i < 10; i++) {
      publish("few/a", "" + i);
    }
    awaitTexts("few/a", List.of("7", "8", "9"));
    Page page =
        answer(
            log().read(new ReadRequest(first.partition(), patterns("few/a"), 0, 10, MUCH, true)));
    assertThat(texts(page.messages())).containsExactly("9");
    assertThat(page.gaps()).isEmpty();
  }

  @Test
  default void tombstonesCountAsMessages() {
    publish("few/a", "1");
    for (int i = 0; i < 5; i++) {
      publish("few/a", "x");
      stored(append(Append.tombstone(new Topic("few/a"))));
    }
    awaitTexts("few/a", List.of("", "x", ""));
  }

  @Test
  default void policiesHoldInTheMemoryPartitionToo() {
    Id first = publish("ring/few/a", "0");
    for (int i = 1; i < 10; i++) {
      publish("ring/few/a", "" + i);
    }
    awaitTexts("ring/few/a", List.of("7", "8", "9"));
    assertThat(tells(page(first.partition(), first.sequence(), 10, "ring/#").gaps(), "ring/few/a"))
        .isTrue();
  }
}
