package io.posthaste.door.apollo;

import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigListener;
import io.posthaste.config.Configs;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds configs by names whose case does not matter, as it does not to Apollo. One that is spelt as
 * asked is found before others, and of several others the first in order. Thread-safe.
 */
final class Spellings implements ConfigListener {
  private final Configs configs;

  /** Those names that are not lower case themselves, by their lower case. */
  private final Map<ConfigKey, Set<ConfigKey>> others = new ConcurrentHashMap<>();

  Spellings(Configs configs) {
    this.configs = configs;
    configs.listen(this);
    configs.keys().forEach(this::learn);
  }

  /** What is waited for and compared by: the name in lower case. */
  static ConfigKey fold(ConfigKey key) {
    String lower = key.name().toLowerCase(Locale.ROOT);
    return lower.equals(key.name()) ? key : new ConfigKey(key.namespace(), key.group(), lower);
  }

  @Override
  public void onChanged(List<ConfigKey> keys) {
    keys.forEach(this::learn);
  }

  private void learn(ConfigKey key) {
    ConfigKey folded = fold(key);
    if (!folded.equals(key)) {
      others.computeIfAbsent(folded, f -> new ConcurrentSkipListSet<>()).add(key);
    }
  }

  /** The config that somebody means by a name; null if there is none. */
  @Nullable ConfigKey find(ConfigKey asked) {
    if (isThere(asked)) {
      return asked;
    }
    ConfigKey folded = fold(asked);
    for (ConfigKey other : others.getOrDefault(folded, Set.of())) {
      if (isThere(other)) {
        return other;
      }
    }
    return isThere(folded) ? folded : null;
  }

  private boolean isThere(ConfigKey key) {
    return configs.md5(key) != null || !configs.view(key).isUniform();
  }

  /** The highest stamp of all spellings of a folded key; -1 if there never was one. */
  long stamp(ConfigKey folded) {
    long stamp = configs.stamp(folded);
    for (ConfigKey other : others.getOrDefault(folded, Set.of())) {
      stamp = Math.max(stamp, configs.stamp(other));
    }
    return stamp;
  }
}
