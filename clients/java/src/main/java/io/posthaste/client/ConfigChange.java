package io.posthaste.client;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A config has another version than its listener was told of last. Immutable. */
public final class ConfigChange {
  private final ConfigName name;
  private final @Nullable Config before;
  private final @Nullable Config now;

  ConfigChange(ConfigName name, @Nullable Config before, @Nullable Config now) {
    this.name = name;
    this.before = before;
    this.now = now;
  }

  /** The config. */
  public ConfigName name() {
    return name;
  }

  /** The version of which this listener was told before; empty if of none, or of a deletion. */
  public Optional<Config> before() {
    return Optional.ofNullable(before);
  }

  /** The version that holds; empty if it was deleted. */
  public Optional<Config> now() {
    return Optional.ofNullable(now);
  }

  /**
   * Key by key: what was added, what has another value, what is gone. Of a version that is told of
   * first, or again after a deletion, everything was added.
   *
   * @throws ConfigFormatException if one of the two cannot be read, or has a format without keys
   */
  public Map<String, KeyChange> keys() {
    return KeyChange.between(keysOf(before), keysOf(now));
  }

  private static Map<String, String> keysOf(@Nullable Config config) {
    return config == null ? Map.of() : config.keys();
  }

  @Override
  public String toString() {
    return name + ": " + before + " -> " + now;
  }
}
