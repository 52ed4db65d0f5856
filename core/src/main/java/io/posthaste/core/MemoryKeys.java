package io.posthaste.core;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The idempotency keys that a {@link MemoryLog} remembers, oldest first. Not thread-safe. */
final class MemoryKeys {
  /** For how long a key is remembered. */
  static final long KEPT_MILLIS = 5 * 60_000;

  private static final int OVERHEAD_BYTES = 200;

  private record Name(Topic topic, String key) {
    int weight() {
      return OVERHEAD_BYTES + key.length();
    }
  }

  /** What was answered to the first append with a key, and to which body. */
  record Answer(Id id, long timeMillis, long bodyDigest) {}

  private final Map<Name, Answer> answers = new LinkedHashMap<>();
  private final long maxBytes;
  private long bytes;

  MemoryKeys(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Nullable Answer find(Topic topic, String key) {
    return answers.get(new Name(topic, key));
  }

  boolean isFull() {
    return bytes >= maxBytes;
  }

  void add(Topic topic, String key, Answer answer) {
    Name name = new Name(topic, key);
    answers.put(name, answer);
    bytes += name.weight();
  }

  /** Forgets what is older than it need be. Times never fall, so the oldest stand first. */
  void expire(long nowMillis) {
    Iterator<Map.Entry<Name, Answer>> oldest = answers.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<Name, Answer> entry = oldest.next();
      if (entry.getValue().timeMillis() + KEPT_MILLIS >= nowMillis) {
        return;
      }
      bytes -= entry.getKey().weight();
      oldest.remove();
    }
  }

  void clear() {
    answers.clear();
    bytes = 0;
  }
}
