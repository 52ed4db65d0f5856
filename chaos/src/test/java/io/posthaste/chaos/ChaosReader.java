package io.posthaste.chaos;

import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Seen;
import io.posthaste.testkit.Wandering.Opener;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * A reader that comes back by its cursor whatever happens, and remembers what it saw. It comes by
 * one technique, or by another one each time.
 */
final class ChaosReader implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final String name;
  private final List<Map.Entry<String, Opener>> openers;
  private final Want want;
  private final Duration patience;
  private final int longestStay;
  private final Random random;
  private final List<Message> seen = new ArrayList<>();
  private final List<String> diary = new ArrayList<>();
  private final Thread thread;
  private int connections;
  private boolean missed;
  private String last = "";
  private String cursor; // of the reading thread
  private volatile boolean over;

  /** What a reader saw of a message. */
  record Message(String topic, String text) {}

  /** How readers differ: in how long they wait in silence, and in how many messages they stay. */
  enum Manner {
    /** Stays as long as its connection does. */
    PATIENT(Duration.ofSeconds(50), Integer.MAX_VALUE),
    /** Comes anew when it has heard nothing for two seconds. */
    IMPATIENT(Duration.ofSeconds(2), Integer.MAX_VALUE),
    /** Leaves after some messages though nothing is wrong. */
    RESTLESS(Duration.ofSeconds(2), 40);

    private final Duration patience;
    private final int longestStay;

    Manner(Duration patience, int longestStay) {
      this.patience = patience;
      this.longestStay = longestStay;
    }
  }

  ChaosReader(Map<String, Opener> openers, Want want, Manner manner, long seed) {
    this.name = manner + " reader by " + openers.keySet() + " of " + want.topics();
    this.openers = List.copyOf(openers.entrySet());
    this.want = want;
    this.patience = manner.patience;
    this.longestStay = manner.longestStay;
    this.random = new Random(seed);
    this.cursor = want.after();
    this.thread = new Thread(this::read, "reader");
    thread.setDaemon(true);
    thread.start();
  }

  private void read() {
    while (!over) {
      var opener = openers.get(random.nextInt(openers.size()));
      write("comes by " + opener.getKey() + " after " + cursor);
      try (DoorClient client = opener.getValue().open(want.after(cursor))) {
        stay(client);
      } catch (IOException | AssertionError | RuntimeException away) {
        note(away.toString().lines().findFirst().orElse("") + ", by " + opener.getKey());
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Reads until the connection ends or the reader has had enough. */
  private void stay(DoorClient client) throws IOException {
    synchronized (this) {
      connections++;
    }
    int end = longestStay == Integer.MAX_VALUE ? longestStay : 1 + random.nextInt(longestStay);
    for (int heard = 0; heard < end && !over; ) {
      Seen next;
      try {
        next = client.next(patience);
      } catch (AssertionError silence) {
        throw new AssertionError("heard nothing for " + patience);
      }
      switch (next.kind()) {
        case MESSAGE -> {
          remember(new Message(next.topic(), next.text()), next.cursor());
          cursor = next.cursor();
          heard++;
        }
        case PLACE -> cursor = next.cursor();
        case MISSED -> noteMissed();
        case END -> {
          return;
        }
      }
    }
  }

  private synchronized void remember(Message message, String at) {
    seen.add(message);
    write(at + " " + message.topic() + " " + message.text());
  }

  private synchronized void write(String what) {
    diary.add("%tT.%<tL %s".formatted(System.currentTimeMillis(), what));
  }

  private synchronized void noteMissed() {
    missed = true;
    write("missed something");
  }

  private synchronized void note(String what) {
    write(what);
    last = "%tT %s".formatted(System.currentTimeMillis(), what);
  }

  synchronized List<Message> seen() {
    return List.copyOf(seen);
  }

  /** What befell it, a line each. */
  synchronized List<String> diary() {
    return List.copyOf(diary);
  }

  synchronized int count() {
    return seen.size();
  }

  synchronized boolean missed() {
    return missed;
  }

  /** How often it connected. */
  synchronized int connections() {
    return connections;
  }

  Want want() {
    return want;
  }

  /** Ends it; one that waits in silence is left to its patience. */
  @Override
  public void close() {
    over = true;
  }

  @Override
  public synchronized String toString() {
    return "%s: %d messages over %d connections%s"
        .formatted(name, seen.size(), connections, last.isEmpty() ? "" : "; at last: " + last);
  }
}
