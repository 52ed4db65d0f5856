package io.posthaste.testkit;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Gap;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Policies.Rule;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The log under test and the words in which its suites speak. */
interface LogFixture {
  /** What the log under test is opened with; tests pick topics by the rule that they need. */
  Policies POLICIES =
      new Policies(
          Stream.of(
                  "few/#=count:3",
                  "one/#=count:1",
                  "brief/#=age:2s",
                  "light/#=bytes:100",
                  "small/#=max:10",
                  "ring/few/#=count:3,memory",
                  "ring/#=memory")
              .map(Rule::parse)
              .collect(toList()));

  Duration SHORT_WHILE = Duration.ofSeconds(30);
  int MANY = 10_000;
  int MUCH = 64 << 20;

  Log log();

  TestClock clock();

  /** Whether the log takes its time from {@link #clock}. */
  boolean keepsToClock();

  /** Waits for an answer of the log's. */
  static <T> T answer(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("the log did not answer", e);
    }
  }

  static Append message(String topic, String text) {
    return Append.of(new Topic(topic), "text/plain", Payload.of(text));
  }

  default Appended append(Append append) {
    List<Appended> outcomes = answer(log().append(List.of(append)));
    assertThat(outcomes).hasSize(1);
    return outcomes.get(0);
  }

  /** Appends and expects success. */
  default Id publish(String topic, String text) {
    return stored(append(message(topic, text))).id();
  }

  static Appended.Stored stored(Appended appended) {
    assertThat(appended).isInstanceOf(Appended.Stored.class);
    return (Appended.Stored) appended;
  }

  static List<TopicPattern> patterns(String... topics) {
    return Stream.of(topics).map(TopicPattern::new).collect(toList());
  }

  default int partition(String topic) {
    return log().partitionOf(new Topic(topic));
  }

  default long head(int partition) {
    return answer(log().head(partition));
  }

  /** One forward page of one partition. */
  default Page page(int partition, long after, int limit, String... topics) {
    return answer(
        log().read(new ReadRequest(partition, patterns(topics), after, limit, MUCH, false)));
  }

  /** One backward page of one partition. */
  default Page pageBefore(int partition, long before, int limit, String... topics) {
    return answer(
        log()
            .readBackward(
                new ReadRequest(partition, patterns(topics), before, limit, MUCH, false)));
  }

  /** All that is kept above a place of one partition, by pages of this size. */
  default List<Message> all(int partition, long after, int limit, String... topics) {
    List<Message> messages = new ArrayList<>();
    long place = after;
    while (true) {
      Page page = page(partition, place, limit, topics);
      assertThat(page.through()).isGreaterThanOrEqualTo(place);
      messages.addAll(page.messages());
      place = page.through();
      if (!page.more()) {
        return messages;
      }
    }
  }

  /** All that is kept below a place of one partition, by pages of this size, oldest first. */
  default List<Message> allBefore(int partition, long before, int limit, String... topics) {
    List<Message> messages = new ArrayList<>();
    long place = before;
    while (true) {
      Page page = pageBefore(partition, place, limit, topics);
      messages.addAll(0, page.messages());
      if (!page.more()) {
        return messages;
      }
      assertThat(page.through()).isLessThan(place);
      place = page.through();
    }
  }

  /** The texts that are kept of these topics in all their partitions. */
  default List<String> texts(String... topics) {
    List<String> texts = new ArrayList<>();
    Stream.of(topics)
        .flatMap(topic -> log().partitionsOf(new TopicPattern(topic)).stream())
        .distinct()
        .forEach(partition -> texts.addAll(texts(all(partition, 0, 100, topics))));
    return texts;
  }

  default List<String> texts(List<Message> messages) {
    return messages.stream().map(message -> message.payload().utf8()).collect(toList());
  }

  static List<Long> sequences(List<Message> messages) {
    return messages.stream().map(Message::sequence).collect(toList());
  }

  static void assertRising(List<Message> messages) {
    List<Long> sequences = sequences(messages);
    List<Long> sorted = new ArrayList<>(sequences);
    Collections.sort(sorted);
    assertThat(sequences).isEqualTo(sorted).doesNotHaveDuplicates();
  }

  /** Whether one of the gaps is for a reader of this topic. */
  static boolean tells(List<Gap> gaps, String topic) {
    return gaps.stream().anyMatch(gap -> gap.topics().matches(new Topic(topic)));
  }

  /** Waits until exactly these texts are kept of the topic. */
  default void awaitTexts(String topic, List<String> expected) {
    await().atMost(SHORT_WHILE).untilAsserted(() -> assertThat(texts(topic)).isEqualTo(expected));
  }

  /** Lets what is in the topic come of age, and waits until it is gone. */
  default void passAge(String topic) {
    clock().advance(Duration.ofSeconds(3));
    publish("clock", "moves on");
    awaitTexts(topic, List.of());
  }
}
