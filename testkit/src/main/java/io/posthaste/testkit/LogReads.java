package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static io.posthaste.testkit.LogFixture.patterns;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.TopicPattern;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Reading forward and backward, one topic or many, by pages. */
interface LogReads extends LogFixture {
  @Test
  default void aForwardReadGivesWhatStandsAboveThePlace() {
    Id first = publish("a", "1");
    publish("b", "x");
    Id third = publish("a", "2");
    publish("a", "3");
    assertThat(texts(all(first.partition(), first.sequence(), 10, "a"))).containsExactly("2", "3");
    assertThat(texts(all(first.partition(), third.sequence(), 10, "a"))).containsExactly("3");
  }

  @Test
  default void aPageThatIsNotCutReachesTheHead() {
    publish("a", "1");
    Id last = publish("b", "2");
    Page page = page(last.partition(), 0, 10, "a");
    assertThat(page.more()).isFalse();
    assertThat(page.through()).isEqualTo(last.sequence());
    assertThat(page(last.partition(), 0, 10, "nobody", "nothing/#").through())
        .isEqualTo(last.sequence());
  }

  @Test
  default void aPlaceAtTheHeadGivesAnEmptyPage() {
    Id last = publish("a", "1");
    Page page = page(last.partition(), last.sequence(), 10, "a", "#");
    assertThat(page.messages()).isEmpty();
    assertThat(page.more()).isFalse();
    assertThat(page.through()).isEqualTo(last.sequence());
  }

  @Test
  default void throughIsNeverBelowThePlace() {
    Id last = publish("a", "1");
    Page page = page(last.partition(), last.sequence() + 1_000, 10, "a");
    assertThat(page.messages()).isEmpty();
    assertThat(page.through()).isGreaterThanOrEqualTo(last.sequence() + 1_000);
  }

  @Test
  default void pagesOfEverySizeJoinWithoutGapOrRepeat() {
    List<String> published = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      publish("t/" + i % 5, "" + i);
      published.add("" + i);
    }
    int partition = partition("t/0");
    for (int limit = 1; limit <= 41; limit += 4) {
      assertThat(texts(all(partition, 0, limit, "t/#"))).isEqualTo(published);
      assertThat(texts(allBefore(partition, Long.MAX_VALUE, limit, "t/#"))).isEqualTo(published);
      assertThat(texts(all(partition, 0, limit, "t/0", "t/3"))).hasSize(16);
      assertThat(texts(allBefore(partition, Long.MAX_VALUE, limit, "t/0", "t/3"))).hasSize(16);
    }
  }

  @Test
  default void aPageThatIsCutSaysSoAndWhereToGoOn() {
    Id first = publish("a", "1");
    Id second = publish("a", "2");
    publish("a", "3");
    Page page = page(first.partition(), 0, 2, "a");
    assertThat(texts(page.messages())).containsExactly("1", "2");
    assertThat(page.more()).isTrue();
    assertThat(page.through()).isEqualTo(second.sequence());
  }

  @Test
  default void aPageStopsOnceItWeighsEnough() {
    String text = "x".repeat(1_000);
    for (int i = 0; i < 20; i++) {
      publish("a", text);
    }
    int partition = partition("a");
    ReadRequest request = new ReadRequest(partition, patterns("a"), 0, MANY, 5_000, false);
    Page page = answer(log().read(request));
    assertThat(page.messages()).hasSizeBetween(2, 6);
    assertThat(page.more()).isTrue();
    assertThat(page.through())
        .isEqualTo(page.messages().get(page.messages().size() - 1).sequence());
    Page tiny = answer(log().read(new ReadRequest(partition, patterns("#"), 0, MANY, 1, false)));
    assertThat(tiny.messages()).hasSize(1);
    assertThat(tiny.more()).isTrue();
    Page back =
        answer(
            log()
                .readBackward(
                    new ReadRequest(partition, patterns("a"), Long.MAX_VALUE, MANY, 5_000, false)));
    assertThat(back.messages()).hasSizeBetween(2, 6);
    assertThat(back.more()).isTrue();
  }

  @Test
  default void aMessageThatSeveralPatternsMatchComesOnce() {
    publish("a/b", "1");
    publish("a/c", "2");
    assertThat(texts("a/b", "a/+", "a/#", "#", "a/b")).containsExactly("1", "2");
  }

  @Test
  default void patternsReadInLogOrder() {
    publish("a/1", "1");
    publish("b/1", "2");
    publish("a/2/x", "3");
    publish("a", "4");
    publish("ab", "5");
    assertThat(texts("a/#")).containsExactly("1", "3", "4");
    assertThat(texts("a/+")).containsExactly("1");
    assertThat(texts("+/1")).containsExactly("1", "2");
    assertThat(texts("+")).containsExactly("4", "5");
    assertThat(texts(all(partition("a"), 0, 10, "#"))).containsExactly("1", "2", "3", "4", "5");
    assertThat(texts(allBefore(partition("a"), Long.MAX_VALUE, 2, "#")))
        .containsExactly("1", "2", "3", "4", "5");
  }

  @Test
  default void aPatternOverManyTopicsReadsThemAll() {
    int partition = partition("many/x");
    for (int i = 0; i < 30; i++) {
      List<Append> batch = new ArrayList<>();
      for (int j = 0; j < 200; j++) {
        batch.add(LogFixture.message("many/" + (i * 200 + j), "" + j));
      }
      answer(log().append(batch));
    }
    assertThat(all(partition, 0, 1_000, "many/+")).hasSize(6_000);
    assertThat(all(partition, 0, 1_000, "+/+", "many/17")).hasSize(6_000);
    assertThat(allBefore(partition, Long.MAX_VALUE, 1_000, "many/#")).hasSize(6_000);
  }

  @Test
  default void theServersOwnTopicsAreReadOnlyByTheirName() {
    publish("$own/a", "1");
    publish("a", "2");
    assertThat(texts("#")).containsExactly("2");
    assertThat(texts("+/a")).isEmpty();
    assertThat(texts("$own/#")).containsExactly("1");
    assertThat(texts("$own/a")).containsExactly("1");
  }

  @Test
  default void aBackwardReadGivesTheNewestBelowThePlaceOldestFirst() {
    publish("a", "1");
    publish("a", "2");
    Id third = publish("a", "3");
    Id fourth = publish("a", "4");
    Page page = pageBefore(third.partition(), fourth.sequence(), 2, "a");
    assertThat(texts(page.messages())).containsExactly("2", "3");
    assertThat(page.more()).isTrue();
    Page rest = pageBefore(third.partition(), page.through(), 2, "a");
    assertThat(texts(rest.messages())).containsExactly("1");
    assertThat(rest.more()).isFalse();
    assertThat(texts(pageBefore(third.partition(), Long.MAX_VALUE, 1, "a").messages()))
        .containsExactly("4");
  }

  @Test
  default void nothingStandsBeforeTheFirst() {
    publish("a", "1");
    Id second = publish("a", "2");
    for (long before = 0; before < 2; before++) {
      Page page = pageBefore(second.partition(), before, 10, "a");
      assertThat(page.messages()).isEmpty();
      assertThat(page.more()).isFalse();
      assertThat(pageBefore(second.partition(), before, 10, "#").messages()).isEmpty();
    }
  }

  @Test
  default void onlyLatestGivesTheNewestOfEachTopic() {
    publish("t/a", "a1");
    publish("t/b", "b1");
    Id second = publish("t/a", "a2");
    publish("t/c", "c1");
    publish("t/b", "b2");
    int partition = second.partition();
    assertThat(texts(onlyLatest(partition, 0, 10, "t/#").messages()))
        .containsExactly("a2", "c1", "b2");
    assertThat(texts(onlyLatest(partition, second.sequence(), 10, "t/#").messages()))
        .containsExactly("c1", "b2");
    Page cut = onlyLatest(partition, 0, 2, "t/#");
    assertThat(texts(cut.messages())).containsExactly("a2", "c1");
    assertThat(cut.more()).isTrue();
    assertThat(texts(onlyLatest(partition, cut.through(), 2, "t/#").messages()))
        .containsExactly("b2");
    assertThat(texts(onlyLatest(partition, 0, 10, "t/a").messages())).containsExactly("a2");
  }

  private Page onlyLatest(int partition, long after, int limit, String... topics) {
    return answer(
        log().read(new ReadRequest(partition, patterns(topics), after, limit, MUCH, true)));
  }

  @Test
  default void patternsAreReadInAllTheirPartitions() {
    publish("a", "durable");
    publish("ring/a", "in memory");
    assertThat(texts("#")).containsExactlyInAnyOrder("durable", "in memory");
    assertThat(texts("ring/#")).containsExactly("in memory");
    assertThat(log().partitionsOf(new TopicPattern("ring/a"))).containsExactly(partition("ring/a"));
    assertThat(log().partitions()).containsAll(log().partitionsOf(TopicPattern.ALL));
  }

  @Test
  default void placeAtLeadsToWhatWasTakenThenOrLater() {
    List<Appended.Stored> stored = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      stored.add(LogFixture.stored(append(LogFixture.message("a", "" + i))));
      clock().advance(Duration.ofSeconds(10));
    }
    int partition = partition("a");
    for (Appended.Stored at : stored) {
      long place = answer(log().placeAt(partition, Instant.ofEpochMilli(at.timeMillis())));
      assertThat(place).isLessThan(at.id().sequence());
      List<Message> later = all(partition, place, 100, "a");
      assertThat(later).allMatch(message -> message.timeMillis() >= at.timeMillis());
      assertThat(later).anyMatch(message -> message.sequence() == at.id().sequence());
    }
    Instant early = Instant.ofEpochMilli(stored.get(0).timeMillis()).minusSeconds(60);
    assertThat(all(partition, answer(log().placeAt(partition, early)), 100, "a")).hasSize(10);
    Instant late = Instant.ofEpochMilli(stored.get(9).timeMillis()).plusSeconds(60);
    assertThat(all(partition, answer(log().placeAt(partition, late)), 100, "a")).isEmpty();
  }

  @Test
  default void manyReadsAtOnceAreAllAnswered() {
    for (int i = 0; i < 20; i++) {
      publish("a", "" + i);
    }
    int partition = partition("a");
    List<CompletionStage<Page>> pages = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      pages.add(log().read(new ReadRequest(partition, patterns("a"), 0, 100, MUCH, false)));
    }
    pages.forEach(page -> assertThat(answer(page).messages()).hasSize(20));
  }
}
