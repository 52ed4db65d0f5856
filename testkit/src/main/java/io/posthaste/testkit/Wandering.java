package io.posthaste.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Hub;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A reader that wanders from client to client, perhaps from door to door, while a publisher runs at
 * full speed; it must see each message exactly once, each topic's in order.
 */
public final class Wandering {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int UNDER_WAY = 64;

  private final Hub hub;
  private final List<String> topics;

  /** How the clients of one turn are opened. */
  @FunctionalInterface
  public interface Opener {
    /** Opens a client that asks for this. */
    DoorClient open(Want want) throws IOException;
  }

  /** Who opens the client of a turn; turns are counted from 0. */
  @FunctionalInterface
  public interface Turns {
    /** The opener of a turn. */
    Opener of(int turn);
  }

  /** The publisher publishes to these topics in turn. */
  public Wandering(Hub hub, List<String> topics) {
    this.hub = hub;
    this.topics = List.copyOf(topics);
  }

  /** Publishes and reads so many messages, with a new client every so often. */
  public void run(int count, Want want, Turns turns) throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread publisher = new Thread(() -> publish(count, failure), "publisher");
    publisher.start();
    try {
      read(count, want, turns);
    } finally {
      publisher.join();
    }
    assertThat(failure).hasValue(null);
  }

  private void publish(int count, AtomicReference<Throwable> failure) {
    Semaphore underWay = new Semaphore(UNDER_WAY);
    for (int i = 0; i < count; i++) {
      underWay.acquireUninterruptibly();
      Topic topic = new Topic(topics.get(i % topics.size()));
      hub.publish(Append.of(topic, "text/plain", Payload.of("" + i)))
          .whenComplete(
              (outcome, failed) -> {
                underWay.release();
                if (failed != null) {
                  failure.set(failed);
                }
              });
    }
  }

  private void read(int count, Want want, Turns turns) throws IOException {
    Random random = new Random(42);
    Map<String, Integer> expected = new HashMap<>();
    for (int i = 0; i < topics.size(); i++) {
      expected.put(topics.get(i), i);
    }
    String cursor = "0";
    int total = 0;
    for (int turn = 0; total < count; turn++) {
      try (DoorClient client = turns.of(turn).open(want.after(cursor))) {
        int end = Math.min(count, total + 1 + random.nextInt(Math.max(2, count / 20)));
        // In the midst of a page there may be no place to go on from.
        while (total < end || cursor.isEmpty()) {
          Seen seen = message(client);
          assertThat(seen.text())
              .describedAs("turn %d, message %d, of %s", turn, total, seen.topic())
              .isEqualTo("" + expected.get(seen.topic()));
          expected.computeIfPresent(seen.topic(), (topic, number) -> number + topics.size());
          cursor = seen.cursor();
          total++;
        }
      }
    }
  }

  private static Seen message(DoorClient client) throws IOException {
    Seen seen = client.next(LONG);
    while (seen.kind() == Seen.Kind.PLACE) {
      seen = client.next(LONG);
    }
    assertThat(seen.kind()).describedAs("%s", seen).isEqualTo(Seen.Kind.MESSAGE);
    return seen;
  }
}
