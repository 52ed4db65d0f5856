package io.posthaste.config;

import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The gray versions of every config that has some, without their contents. Thread-safe.
 *
 * <p>Those that are gone stay for a while: late news must not bring them back.
 */
final class Grays {
  /** How many of a config are looked at. */
  static final int MAX = 10;

  /** How many of a config that are gone are remembered; news are never as late as that. */
  static final int MOST_GONE = 64;

  private static final Comparator<GrayVersion> ORDER =
      Comparator.comparingInt((GrayVersion gray) -> -gray.rule().priority())
          .thenComparing(gray -> gray.key().gray());

  /** Of one: null if it is gone. */
  private record Known(long sequence, @Nullable GrayVersion version) {}

  /**
   * Of a config.
   *
   * @param known those that are there, and those that went last, in the order in which they became
   *     what they are
   * @param live those that are there, in the order of rules
   * @param seen the first of them: two nodes that make one at the same time may make one too many
   */
  private record OfConfig(
      Map<String, Known> known, List<GrayVersion> live, List<GrayVersion> seen) {
    static final OfConfig NONE = new OfConfig(Map.of(), List.of(), List.of());

    OfConfig with(String gray, Known news) {
      Known before = known.get(gray);
      if (before != null && before.sequence >= news.sequence) {
        return this;
      }
      Map<String, Known> all = new LinkedHashMap<>(known);
      all.remove(gray);
      all.put(gray, news);
      List<GrayVersion> live =
          all.values().stream()
              .flatMap(one -> Stream.ofNullable(one.version))
              .sorted(ORDER)
              .toList();
      int tooMany = all.size() - live.size() - MOST_GONE;
      for (Iterator<Known> it = all.values().iterator(); tooMany > 0; ) {
        if (it.next().version == null) {
          it.remove();
          tooMany--;
        }
      }
      return new OfConfig(
          Collections.unmodifiableMap(all),
          live,
          List.copyOf(live.subList(0, Math.min(MAX, live.size()))));
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

  /** Those of a config that are looked at, in the order in which their rules are asked. */
  List<GrayVersion> of(ConfigKey key) {
    OfConfig found = byConfig.get(key);
    return found == null ? List.of() : found.seen;
  }

  /** The MD5 of one as it is by the message of that sequence; null if it is another by now. */
  @Nullable Md5 md5(GrayKey key, long sequence) {
    OfConfig config = byConfig.get(key.config());
    Known found = config == null ? null : config.known.get(key.gray());
    GrayVersion version = found == null || found.sequence != sequence ? null : found.version;
    return version == null ? null : version.md5();
  }

  /** How many are kept of a config, those that are gone included. */
  int known(ConfigKey key) {
    OfConfig found = byConfig.get(key);
    return found == null ? 0 : found.known.size();
  }

  /** Those of all configs, also the ones too many: what was begun with them is to end. */
  Stream<GrayVersion> all() {
    return byConfig.values().stream().flatMap(config -> config.live.stream());
  }
}
