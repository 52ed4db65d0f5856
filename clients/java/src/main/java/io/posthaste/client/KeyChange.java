package io.posthaste.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became of one key of a config. Immutable. */
public final class KeyChange {
  private final String key;
  private final @Nullable String before;
  private final @Nullable String now;

  /** What can become of a key. */
  public enum Kind {
    /** It was not there before. */
    ADDED,

    /** It has another value. */
    MODIFIED,

    /** It is no longer there. */
    DELETED
  }

  private KeyChange(String key, @Nullable String before, @Nullable String now) {
    this.key = key;
    this.before = before;
    this.now = now;
  }

  /** What differs: first what is there in its order, then what no longer is. */
  static Map<String, KeyChange> between(Map<String, String> before, Map<String, String> now) {
    Map<String, KeyChange> changes = new LinkedHashMap<>();
    now.forEach(
        (key, value) -> {
          if (!value.equals(before.get(key))) {
            changes.put(key, new KeyChange(key, before.get(key), value));
          }
        });
    before.forEach(
        (key, value) -> {
          if (!now.containsKey(key)) {
            changes.put(key, new KeyChange(key, value, null));
          }
        });
    return Collections.unmodifiableMap(changes);
  }

  /** The key, as {@link Config#keys} has it. */
  public String key() {
    return key;
  }

  /** What became of it. */
  public Kind kind() {
    return before == null ? Kind.ADDED : now == null ? Kind.DELETED : Kind.MODIFIED;
  }

  /** The value before; empty if there was none. */
  public Optional<String> before() {
    return Optional.ofNullable(before);
  }

  /** The value now; empty if there is none. */
  public Optional<String> now() {
    return Optional.ofNullable(now);
  }

  @Override
  public String toString() {
    return kind() + " " + key + ": " + before + " -> " + now;
  }
}
