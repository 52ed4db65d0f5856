package io.posthaste.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Policies.Rule;
import io.posthaste.core.SplitLog;
import io.posthaste.core.Topic;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * What every door must hold. A door joins with a subclass that starts a server and gives clients of
 * it, and is done when that is green; one that streams extends {@link StreamingDoorContract}. Real
 * sockets, and the log in memory behind them unless the subclass opens another.
 */
@Timeout(120)
public abstract class DoorContract {
  /** How long anything may take. */
  protected static final Duration LONG = Duration.ofSeconds(20);

  /** How long a peer may accept nothing before it is cut, as the suite wants it. */
  protected static final Duration STALL = Duration.ofSeconds(2);

  static final Policies POLICIES =
      new Policies(
          Stream.of("few/#=count:3", "ring/#=memory,count:1000000", "#=count:1000000")
              .map(Rule::parse)
              .toList());

  private @Nullable Log log;
  private @Nullable DoorServer server;

  /**
   * Starts a server with the door over a log.
   *
   * @param stall how long a peer may accept nothing before it is cut
   */
  protected abstract DoorServer serve(Log log, Duration stall) throws IOException;

  /**
   * How long a peer may accept nothing before it is cut: longer than the suite takes to publish 10
   * MB, during which its slow reader reads nothing.
   */
  protected Duration stall() {
    return STALL;
  }

  /** What is malformed to this door, and a word that must stand in what it answers. */
  protected abstract Map<String, String> malformed();

  /**
   * The log behind the doors, empty; the suite closes it. In memory, of two partitions as a
   * server's is, unless the suite is to hold over another engine.
   */
  protected Log openLog(Policies policies) {
    return new SplitLog(part(0), part(1), policies);
  }

  private static Log part(int partition) {
    return new MemoryLog(
        new MemoryLog.Options("doors", partition, 0, POLICIES, 128 << 20, InstantSource.system()));
  }

  @BeforeEach
  final void start() throws IOException {
    log = openLog(POLICIES);
    server = serve(log, stall());
  }

  @AfterEach
  final void stop() {
    server().close();
    log().close();
  }

  /** The log behind the door. */
  protected final Log log() {
    return requireNonNull(log);
  }

  /** The server under test. */
  protected final DoorServer server() {
    return requireNonNull(server);
  }

  /** Publishes a text and waits until it is in the log. */
  protected final Id publish(String topic, String text) {
    try {
      Append append = Append.of(new Topic(topic), "text/plain", Payload.of(text));
      Appended outcome =
          server().hub().publish(append).toCompletableFuture().get(20, TimeUnit.SECONDS);
      assertThat(outcome).isInstanceOf(Appended.Stored.class);
      return ((Appended.Stored) outcome).id();
    } catch (Exception e) {
      throw new AssertionError("not published: " + topic, e);
    }
  }

  /** Publishes so many texts, each a number, a space and a filling, by the hundred. */
  protected final void publishNumbered(String topic, int count, String filling) {
    for (int i = 0; i < count; i += 100) {
      List<Append> batch =
          IntStream.range(i, Math.min(count, i + 100))
              .mapToObj(number -> Payload.of(number + " " + filling))
              .map(payload -> Append.of(new Topic(topic), "text/plain", payload))
              .toList();
      assertThat(server().hub().publish(batch).toCompletableFuture())
          .succeedsWithin(LONG)
          .satisfies(
              outcomes ->
                  assertThat(outcomes)
                      .hasSameSizeAs(batch)
                      .hasOnlyElementsOfType(Appended.Stored.class));
    }
  }

  /** The texts of the next messages; what tells a place is passed over. */
  protected static List<String> texts(DoorClient client, int count) throws IOException {
    List<String> texts = new ArrayList<>();
    while (texts.size() < count) {
      texts.add(message(client).text());
    }
    return texts;
  }

  /** The next message; what tells a place is passed over. */
  protected static Seen message(DoorClient client) throws IOException {
    Seen seen = pastPlaces(client);
    assertThat(seen.kind()).describedAs("%s", seen).isEqualTo(Seen.Kind.MESSAGE);
    return seen;
  }

  /** The next that does not merely tell a place. */
  protected static Seen pastPlaces(DoorClient client) throws IOException {
    Seen seen = client.next(LONG);
    while (seen.kind() == Seen.Kind.PLACE) {
      seen = client.next(LONG);
    }
    return seen;
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  @Test
  void givesWhatIsPublishedInOrder() throws IOException {
    try (DoorClient client = server().open(Want.of("a", "b/#"))) {
      for (int i = 0; i < 300; i++) {
        publish(i % 3 == 0 ? "a" : "b/" + i % 2, "" + i);
      }
      publish("c", "not wanted");
      assertThat(texts(client, 300)).isEqualTo(numbers(0, 300));
    }
  }

  @Test
  void givesAllThatIsKeptThenWhatComes() throws IOException {
    publish("a", "0");
    publish("a", "1");
    try (DoorClient client = server().open(Want.of("a").after("0"))) {
      assertThat(texts(client, 2)).isEqualTo(numbers(0, 2));
      publish("a", "2");
      assertThat(message(client)).extracting(Seen::topic, Seen::text).containsExactly("a", "2");
    }
  }

  @Test
  void resumesFromAnIdThatWasGivenAtPublishing() throws IOException {
    publish("a", "0");
    Id id = publish("a", "1");
    publish("a", "2");
    try (DoorClient client = server().open(Want.of("a").after(id.toString()))) {
      assertThat(texts(client, 1)).containsExactly("2");
    }
  }

  @Test
  void resumesAgainAndAgainWithoutGapOrRepeat() throws Exception {
    new Wandering(server().hub(), List.of("a")).run(2_000, Want.of("a"), turn -> server()::open);
  }

  @Test
  void resumesWhatAnotherDoorBeganAndTheOtherWayRound() throws Exception {
    new Wandering(server().hub(), List.of("a", "ring/b"))
        .run(
            2_000,
            Want.of("a", "+/b"),
            turn -> turn % 2 == 0 ? server()::open : want -> new HubClient(server().hub(), want));
  }

  @Test
  void readsTopicsOfSeveralPartitionsWithOneCursor() throws Exception {
    new Wandering(server().hub(), List.of("a", "ring/b"))
        .run(2_000, Want.of("a", "ring/#"), turn -> server()::open);
  }

  @Test
  void saysWhatWasMissedAndGoesOnWithWhatIsKept() throws IOException {
    Id first = publish("few/a", "0");
    for (int i = 1; i < 10; i++) {
      publish("few/a", "" + i);
    }
    try (DoorClient client = server().open(Want.of("few/a").after(first.toString()))) {
      assertThat(pastPlaces(client).kind()).isEqualTo(Seen.Kind.MISSED);
      assertThat(texts(client, 3)).isEqualTo(numbers(7, 10));
    }
  }

  @Test
  void aReaderOfTheLatestAloneMissesNothing() throws IOException {
    Id first = publish("few/a", "0");
    for (int i = 1; i < 10; i++) {
      publish("few/a", "" + i);
    }
    try (DoorClient client = server().open(Want.of("few/a").after(first.toString()).latest())) {
      assertThat(texts(client, 1)).containsExactly("9");
    }
  }

  @Test
  void aCursorOfAnotherLogIsAnsweredAsMissed() throws IOException {
    publish("a", "0");
    try (DoorClient client = server().open(Want.of("a").after("elsewhere-0.1"))) {
      assertThat(pastPlaces(client).kind()).isEqualTo(Seen.Kind.MISSED);
    }
  }

  @Test
  void aCursorBeyondTheHeadIsAnsweredAsMissed() throws IOException {
    Id id = publish("a", "0");
    String beyond = new Id(id.epoch(), id.partition(), id.sequence() + 1_000_000).toString();
    try (DoorClient client = server().open(Want.of("a").after(beyond))) {
      assertThat(pastPlaces(client).kind()).isEqualTo(Seen.Kind.MISSED);
    }
  }

  @Test
  void aSlowReaderGetsAllInOrderAndNobodyWaitsForIt() throws IOException {
    int count = 10_000;
    String filling = "x".repeat(1_000);
    try (DoorClient slow = server().open(Want.of("a"));
        DoorClient quick = server().open(Want.of("b"))) {
      publishNumbered("a", count, filling);
      publish("b", "meanwhile");
      assertThat(message(quick).text()).isEqualTo("meanwhile");
      for (int i = 0; i < count; i++) {
        assertThat(message(slow).text()).startsWith(i + " ");
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> saysWhatIsWrongWithMalformedInputAndHarmsNobodyElse() {
    return malformed().entrySet().stream()
        .map(
            bad ->
                DynamicTest.dynamicTest(
                    bad.getKey(),
                    () -> {
                      try (DoorClient other = server().open(Want.of("a"))) {
                        assertThat(server().send(bad.getKey())).contains(bad.getValue());
                        publish("a", "still here");
                        assertThat(message(other).text()).isEqualTo("still here");
                      }
                    }));
  }

  @Test
  void aClientThatGoesLeavesNothingBehind() throws IOException {
    for (int i = 0; i < 50; i++) {
      server().open(Want.of("a", "b/#")).close();
    }
    await().atMost(LONG).untilAsserted(() -> assertThat(server().hub().stats().readers()).isZero());
  }

  @Test
  void letsClientsGoWhenItGoesDownAndTheyGoOnElsewhere() throws IOException {
    String cursor;
    CompletableFuture<Void> down;
    try (DoorClient client = server().open(Want.of("a"))) {
      publish("a", "0");
      cursor = message(client).cursor();
      down = CompletableFuture.runAsync(server()::shutdown);
      Seen seen = pastPlaces(client);
      assertThat(seen.kind()).isEqualTo(Seen.Kind.END);
    }
    assertThat(down).succeedsWithin(LONG);
    server().close();
    server = serve(log(), stall());
    publish("a", "1");
    try (DoorClient client = server().open(Want.of("a").after(cursor))) {
      assertThat(texts(client, 1)).containsExactly("1");
    }
  }
}
