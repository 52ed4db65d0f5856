package io.posthaste.config;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The gray versions of every config that has some, without their contents. Thread-safe.
 *
 * <p>Those that are gone stay, as in {@link ConfigIndex}: late news must not bring them back.
 */
final class Grays {
  /** How many of a config are looked at. */
  static final int MAX = 10;

  private static final Comparator<GrayVersion> ORDER =
      Comparator.comparingInt((GrayVersion gray) -> -gray.rule().priority())
          .thenComparing(gray -> gray.key().gray());

  /** Of one: null if it is gone. */
  private record Known(long sequence, @Nullable GrayVersion version) {}

  /** Of a config: all that were ever known, and those that are there, in the order of rules. */
  private record OfConfig(Map<String, Known> known, List<GrayVersion> live) {
    static final OfConfig NONE = new OfConfig(Map.of(), List.of());

    OfConfig with(String gray, Known news) {
      Known before = known.get(gray);
      if (before != null && before.sequence >= news.sequence) {
        return this;
      }
      Map<String, Known> all = new HashMap<>(known);
      all.put(gray, news);
      return new OfConfig(
          Map.copyOf(all),
          all.values().stream()
              .flatMap(one -> Stream.ofNullable(one.version))
              .sorted(ORDER)
              .limit(MAX)
              .toList());
    }
  }

  private final Map<ConfigKey, OfConfig> byConfig = new ConcurrentHashMap<>();

  /**
   * Takes what somebody on this node knows, if it is news.
   *
   * @param version null if it is gone
   */
  void learn(GrayKey key, long sequence, @Nullable GrayVersion version) {
    Known news = new Known(sequence, version);
    byConfig.compute(
        key.config(),
        (config, before) -> (before == null ? OfConfig.NONE : before).with(key.gray(), news));
  }

  /** Those of a config, in the order in which their rules are asked. */
  List<GrayVersion> of(ConfigKey key) {
    OfConfig found = byConfig.get(key);
    return found == null ? List.of() : found.live;
  }

  /** Those of all configs. */
  Stream<GrayVersion> all() {
    return byConfig.values().stream().flatMap(config -> config.live.stream());
  }
}
