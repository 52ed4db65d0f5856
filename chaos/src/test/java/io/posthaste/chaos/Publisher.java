package io.posthaste.chaos;

import io.posthaste.chaos.ChaosReader.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Publishes one message after the other, to two topics in turn. What got no answer, or was refused
 * for now, is sent again with its key until it is acknowledged.
 */
final class Publisher {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final String name;
  private final Publishing publishing;
  private final List<Message> acknowledged = new ArrayList<>();
  private final Thread thread = new Thread(this::run, "publisher");
  private int retries;
  private @Nullable Throwable refusal;
  private String last = "";
  private volatile boolean over;

  Publisher(String name, Publishing publishing) {
    this.name = name;
    this.publishing = publishing;
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (publishing) {
      for (int i = 0; !over; i++) {
        Message message = new Message("chaos/" + (i % 2 == 0 ? name : "all"), name + "-" + i);
        while (!isPublished(message)) {
          LockSupport.parkNanos(PAUSE.toNanos());
        }
        synchronized (this) {
          acknowledged.add(message);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    } catch (AssertionError | RuntimeException e) {
      synchronized (this) {
        refusal = e;
      }
    }
  }

  private boolean isPublished(Message message) {
    try {
      if (publishing.publish(message.topic(), message.text())) {
        return true;
      }
      note("refused for now");
    } catch (IOException unknown) {
      note(unknown.toString());
    }
    return false;
  }

  private synchronized void note(String what) {
    retries++;
    last = what;
  }

  /** Ends it once its last message is acknowledged. */
  void end() throws InterruptedException {
    over = true;
    thread.join(Duration.ofSeconds(30).toMillis());
    if (thread.isAlive()) {
      throw new AssertionError(this + ": not acknowledged within 30 s though all is well");
    }
  }

  synchronized List<Message> acknowledged() {
    return List.copyOf(acknowledged);
  }

  synchronized int count() {
    return acknowledged.size();
  }

  /** How often a message had to be sent again. */
  synchronized int retries() {
    return retries;
  }

  /** Why it was refused for good; null if it never was. */
  synchronized @Nullable Throwable refusal() {
    return refusal;
  }

  @Override
  public synchronized String toString() {
    return "%s: %d acknowledged, %d retries%s"
        .formatted(name, acknowledged.size(), retries, last.isEmpty() ? "" : "; at last: " + last);
  }
}
