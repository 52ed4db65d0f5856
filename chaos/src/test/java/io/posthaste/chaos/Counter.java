package io.posthaste.chaos;

import io.posthaste.chaos.ChaosReader.Message;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Counts on a topic by conditions, beside others who do the same: looks at the latest count, and
 * publishes the next only if nobody else has meanwhile. A try without an answer is repeated as it
 * was, for it may have succeeded. In the end each count from 1 on must be there once.
 */
final class Counter {
  static final String TOPIC = "chaos/count";
  private static final Duration PAUSE = Duration.ofMillis(30);

  private final String name;
  private final InetSocketAddress server;
  private final List<Message> acknowledged = new ArrayList<>();
  private final Thread thread = new Thread(this::run, "counter");
  private @Nullable Throwable refusal;
  private String last = "";
  private volatile boolean over;

  Counter(String name, InetSocketAddress server) {
    this.name = name;
    this.server = server;
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      for (int tries = 0; !over; tries++) {
        count(name + "-" + tries);
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    } catch (AssertionError | RuntimeException e) {
      synchronized (this) {
        refusal = e;
      }
    }
  }

  private void count(String key) {
    HttpCall latest = insist(Map.of(), null);
    String next = "1";
    Map<String, String> condition = Map.of("If-None-Match", "*");
    if (latest.status() == 200) {
      next = String.valueOf(Integer.parseInt(latest.body()) + 1);
      condition = Map.of("If-Match", String.valueOf(latest.tag()));
    }
    Map<String, String> headers =
        new HashMap<>(Map.of("Content-Type", "text/plain", "Idempotency-Key", key));
    headers.putAll(condition);
    HttpCall answer = insist(headers, next);
    if (answer.status() == 201) {
      synchronized (this) {
        acknowledged.add(new Message(TOPIC, next));
      }
    } else if (answer.status() != 412) {
      throw new AssertionError(next + ": " + answer);
    }
  }

  /** Sends it until it is answered, and not only for now. */
  private HttpCall insist(Map<String, String> headers, @Nullable String body) {
    while (true) {
      try {
        HttpCall call = HttpCall.send(server, "/v1/topics/" + TOPIC, headers, body);
        if (!call.isForNow()) {
          return call;
        }
        note(call.toString());
      } catch (IOException unknown) {
        note(unknown.toString());
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Ends it once its last try is answered. */
  void end() throws InterruptedException {
    over = true;
    thread.join(Duration.ofSeconds(30).toMillis());
    if (thread.isAlive()) {
      throw new AssertionError(this + ": not answered within 30 s though all is well");
    }
  }

  synchronized List<Message> acknowledged() {
    return List.copyOf(acknowledged);
  }

  private synchronized void note(String what) {
    last = what;
  }

  /** Why it was refused for good; null if it never was. */
  synchronized @Nullable Throwable refusal() {
    return refusal;
  }

  @Override
  public synchronized String toString() {
    return name
        + ": "
        + acknowledged.size()
        + " counted"
        + (last.isEmpty() ? "" : "; at last: " + last);
  }
}
