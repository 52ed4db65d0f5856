package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static io.posthaste.testkit.LogFixture.message;
import static io.posthaste.testkit.LogFixture.sequences;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random appends and reads, beside a model that is too simple to be wrong. */
interface LogModel extends LogFixture {
  List<String> NAMES = List.of("a", "a/b", "a/b/c", "a/c", "b", "b/", "ring/a", "ring/b/c", "$x/y");
  List<String> PATTERNS =
      List.of("#", "a/#", "a/+", "+", "+/b", "b/#", "ring/#", "$x/#", "a", "a/b", "b", "ring/a");

  @Test
  default void randomUseAgreesWithTheModel() {
    long seed = Long.getLong("posthaste.seed", System.nanoTime());
    System.out.println("random use of the log: -Dposthaste.seed=" + seed);
    Random random = new Random(seed);
    List<Message> model = new ArrayList<>();
    Map<String, Appended.Stored> keys = new HashMap<>();
    for (int step = 0; step < 300; step++) {
      if (random.nextInt(3) > 0) {
        appendSome(random, model, keys);
      } else {
        readSome(random, model);
      }
    }
  }

  private void appendSome(Random random, List<Message> model, Map<String, Appended.Stored> keys) {
    List<Append> batch = new ArrayList<>();
    int size = 1 + random.nextInt(random.nextInt(4) == 0 ? 20 : 3);
    for (int i = 0; i < size; i++) {
      batch.add(someAppend(random, model));
    }
    List<Appended> outcomes = answer(log().append(batch));
    assertThat(outcomes).hasSameSizeAs(batch);
    for (int i = 0; i < size; i++) {
      Append append = batch.get(i);
      String key = append.key() == null ? null : append.topic() + " " + append.key();
      Message latest = latest(model, append.topic());
      Id latestId = latest == null ? null : Id.of(log().epoch(), latest);
      if (key != null && keys.containsKey(key)) {
        Appended.Stored first = keys.get(key);
        Appended again = new Appended.Stored(first.id(), first.timeMillis(), true);
        assertThat(outcomes.get(i)).isIn(again, new Appended.KeyReused());
      } else if (!holds(append.condition(), latest, latestId)) {
        assertThat(outcomes.get(i)).isEqualTo(new Appended.ConditionFailed(latestId));
      } else {
        Appended.Stored stored = LogFixture.stored(outcomes.get(i));
        assertThat(stored.repeated()).isFalse();
        model.add(
            new Message(
                append.topic(),
                stored.id().partition(),
                stored.id().sequence(),
                Message.UNKNOWN,
                stored.timeMillis(),
                append.type(),
                append.headers(),
                append.payload(),
                append.deleted()));
        if (key != null) {
          keys.put(key, stored);
        }
      }
    }
  }

  private Append someAppend(Random random, List<Message> model) {
    Topic topic = new Topic(NAMES.get(random.nextInt(NAMES.size())));
    Append append =
        random.nextInt(8) == 0
            ? Append.tombstone(topic)
            : message(topic.name(), "x".repeat(random.nextInt(300)));
    append =
        switch (random.nextInt(8)) {
          case 0 -> append.when(Condition.ABSENT);
          case 1 -> append.when(Condition.PRESENT);
          case 2 -> {
            Message latest = latest(model, topic);
            yield latest == null
                ? append
                : append.when(new Condition.LatestIs(Id.of(log().epoch(), latest)));
          }
          default -> append;
        };
    return random.nextInt(5) == 0 ? append.withKey("k" + random.nextInt(10)) : append;
  }

  private static @Nullable Message latest(List<Message> model, Topic topic) {
    return model.stream()
        .filter(message -> message.topic().equals(topic))
        .max(Comparator.comparingLong(Message::sequence))
        .orElse(null);
  }

  private static boolean holds(
      Condition condition, @Nullable Message latest, @Nullable Id latestId) {
    boolean present = latest != null && !latest.deleted();
    if (condition instanceof Condition.LatestIs expected) {
      return expected.id().equals(latestId);
    }
    return condition == Condition.ANY || present == (condition == Condition.PRESENT);
  }

  private void readSome(Random random, List<Message> model) {
    List<TopicPattern> topics = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      topics.add(new TopicPattern(PATTERNS.get(random.nextInt(PATTERNS.size()))));
    }
    List<Integer> partitions = log().partitions();
    int partition = partitions.get(random.nextInt(partitions.size()));
    long head = head(partition);
    long place = head == 0 ? 0 : random.nextLong(head + 1);
    int limit = 1 + random.nextInt(30);
    int maxBytes = random.nextInt(3) == 0 ? 1 + random.nextInt(3_000) : MUCH;
    boolean onlyLatest = random.nextInt(4) == 0;
    boolean backward = random.nextBoolean();
    List<Message> expected =
        model.stream()
            .filter(message -> message.partition() == partition)
            .filter(message -> TopicPattern.anyMatches(topics, message.topic()))
            .filter(message -> !onlyLatest || latest(model, message.topic()) == message)
            .filter(message -> backward ? message.sequence() < place : message.sequence() > place)
            .collect(Collectors.toList());
    List<Message> read = new ArrayList<>();
    long next = place;
    while (true) {
      ReadRequest request = new ReadRequest(partition, topics, next, limit, maxBytes, onlyLatest);
      Page page = answer(backward ? log().readBackward(request) : log().read(request));
      read.addAll(backward ? 0 : read.size(), page.messages());
      assertThat(page.messages()).hasSizeLessThanOrEqualTo(limit);
      assertThat(page.gaps()).isEmpty();
      next = page.through();
      if (!page.more()) {
        break;
      }
    }
    assertThat(sequences(read)).isEqualTo(sequences(expected));
    for (int i = 0; i < read.size(); i++) {
      assertThat(read.get(i).payload()).isEqualTo(expected.get(i).payload());
      assertThat(read.get(i).topic()).isEqualTo(expected.get(i).topic());
    }
  }
}
