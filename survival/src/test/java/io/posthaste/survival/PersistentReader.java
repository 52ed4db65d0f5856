package io.posthaste.survival;

import io.posthaste.door.web.NativeClients;
import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Seen;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A reader that comes back by its cursor whatever happens to the server, by the same technique or
 * by any, and remembers what it saw.
 */
final class PersistentReader implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final InetSocketAddress address;
  private final Want want;
  private final List<String> techniques;
  private final Random random;
  private final boolean restless;
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private final Thread thread = new Thread(this::read, "reader");
  private volatile boolean missed;
  private volatile boolean over;

  /**
   * Begins to read.
   *
   * @param restless whether it also leaves at random moments while nothing is wrong
   */
  PersistentReader(
      InetSocketAddress address, Want want, List<String> techniques, long seed, boolean restless) {
    this.address = address;
    this.want = want;
    this.techniques = techniques;
    this.random = new Random(seed);
    this.restless = restless;
    thread.start();
  }

  private void read() {
    String cursor = want.after();
    while (!over) {
      String technique = techniques.get(random.nextInt(techniques.size()));
      try (DoorClient client = NativeClients.open(technique, address, want.after(cursor))) {
        cursor = read(client, cursor);
      } catch (IOException | AssertionError gone) {
        // Killed, restarting, or quiet for long: come back where we were.
        Thread.onSpinWait();
      }
    }
  }

  private String read(DoorClient client, String from) throws IOException {
    String cursor = from;
    int stay = restless ? 1 + random.nextInt(2_000) : Integer.MAX_VALUE;
    // In the midst of a page over several partitions there is no place to go on from.
    while (!over && (stay-- > 0 || cursor.isEmpty())) {
      Seen next;
      try {
        next = client.next(PATIENCE);
      } catch (AssertionError quiet) {
        return cursor;
      }
      switch (next.kind()) {
        case MESSAGE -> {
          seen.add(next.text());
          cursor = next.cursor();
        }
        case PLACE -> cursor = next.cursor();
        case MISSED -> missed = true;
        case END -> {
          return cursor;
        }
      }
    }
    return cursor;
  }

  /** The payloads it saw, in the order in which it saw them. */
  List<String> seen() {
    return seen;
  }

  boolean missed() {
    return missed;
  }

  @Override
  public void close() throws InterruptedException {
    over = true;
    thread.join();
  }

  @Override
  public String toString() {
    return techniques + " of " + want.topics();
  }
}
