package io.posthaste.engine.jetstream;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The nodes that are there, this one among them, as their beats tell. One that died is taken to be
 * there for {@link #GONE} after its last beat. Thread-safe.
 */
final class Peers {
  /** Beats come once a second; a node whose last is older is no longer counted. */
  static final Duration GONE = Duration.ofSeconds(8);

  private final Map<String, Long> heard = new ConcurrentHashMap<>(); // and when, as nanoTime

  /** A beat was heard. */
  void heard(Beat beat, long nowNanos) {
    if (beat.last()) {
      heard.remove(beat.node());
    } else {
      heard.put(beat.node(), nowNanos);
    }
  }

  /**
   * Who is there.
   *
   * @param connected whether beats can be heard at the moment; while not, nobody is gone for not
   *     being heard
   */
  Set<String> names(boolean connected, long nowNanos) {
    if (connected) {
      heard.values().removeIf(when -> nowNanos - when > GONE.toNanos());
    }
    return new TreeSet<>(heard.keySet());
  }
}
