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
import java.util.function.Predicate;
import java.util.stream.Stream;
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
    return find(asked, any -> true);
  }

  /**
   * The config that somebody means by a name, or its branch; as it is asked for, if there is none.
   */
  ConfigKey of(ConfigKey asked) {
    ConfigKey config = Branch.config(asked);
    ConfigKey there = find(config);
    ConfigKey spelt = there == null ? config : there;
    return Branch.isOne(asked) ? Branch.of(spelt) : spelt;
  }

  /**
   * The config that somebody means by a name.
   *
   * @param mayRead what he may know of: to be granted one spelling is not to be granted another
   * @return null if there is none
   */
  @Nullable ConfigKey find(ConfigKey asked, Predicate<ConfigKey> mayRead) {
    if (isThere(asked) && mayRead.test(asked)) {
      return asked;
    }
    ConfigKey folded = fold(asked);
    for (ConfigKey other : others.getOrDefault(folded, Set.of())) {
      if (isThere(other) && mayRead.test(other)) {
        return other;
      }
    }
    return isThere(folded) && mayRead.test(folded) ? folded : null;
  }

  /** All spellings of a folded key by which there may be a config. */
  Stream<ConfigKey> all(ConfigKey folded) {
    Set<ConfigKey> known = others.get(folded);
    return known == null ? Stream.of(folded) : Stream.concat(Stream.of(folded), known.stream());
  }

  private boolean isThere(ConfigKey key) {
    return configs.md5(key) != null || !configs.view(key).isUniform();
  }

  /** The highest stamp of all spellings of a folded key; -1 if there never was one. */
  long stamp(ConfigKey folded) {
    return stamp(folded, any -> true);
  }

  /**
   * The highest stamp of those spellings of a folded key that somebody may know of.
   *
   * @return -1 if there never was one
   */
  long stamp(ConfigKey folded, Predicate<ConfigKey> mayRead) {
    long stamp = configs.stamp(folded);
    if (stamp >= 0 && !mayRead.test(folded)) {
      stamp = -1;
    }
    for (ConfigKey other : others.getOrDefault(folded, Set.of())) {
      long of = configs.stamp(other);
      if (of > stamp && mayRead.test(other)) {
        stamp = of;
      }
    }
    return stamp;
  }
}
