package io.posthaste.config;

import io.posthaste.core.Admission;
import io.posthaste.core.Append;
import io.posthaste.core.Topic;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is known of namespaces on this node, and whether what is published fits into their quotas,
 * by whichever door it comes. What other nodes have taken counts once this one has heard of it.
 *
 * <p>Thread-safe. A namespace's monitor is taken inside of a bin of the index's map, and nothing is
 * taken inside of it.
 */
final class Quotas implements Admission {
  /** Of one: null if nothing is said any more. Those stay, so that late news change nothing. */
  private record Known(long sequence, @Nullable NamespaceRecord record) {}

  private final ToIntFunction<ConfigKey> size;
  private final Map<String, Known> records = new ConcurrentHashMap<>();
  private final Map<String, NamespaceUse> uses = new ConcurrentHashMap<>();

  /**
   * @param size of a config, as far as is known here; {@link NamespaceUse#ABSENT} if there is none
   */
  Quotas(ToIntFunction<ConfigKey> size) {
    this.size = size;
  }

  /** Takes what somebody on this node knows, if it is news; null if nothing is said any more. */
  void learn(String name, long sequence, @Nullable NamespaceRecord record) {
    Known news = new Known(sequence, record);
    records.merge(name, news, (before, now) -> now.sequence() > before.sequence() ? now : before);
  }

  /** A config has become another; as {@link NamespaceUse#changed}. */
  void changed(ConfigKey key, long sequence, int before, int after) {
    use(key.namespace()).changed(key, sequence, before, after);
  }

  private NamespaceUse use(String name) {
    return uses.computeIfAbsent(name, NamespaceUse::new);
  }

  @Nullable NamespaceRecord record(String name) {
    Known known = records.get(name);
    return known == null ? null : known.record();
  }

  long configs(String name) {
    NamespaceUse use = uses.get(name);
    return use == null ? 0 : use.configs();
  }

  long bytes(String name) {
    NamespaceUse use = uses.get(name);
    return use == null ? 0 : use.bytes();
  }

  /** Those that somebody has made, and those that have a config. */
  Stream<String> names() {
    return Stream.concat(
            records.entrySet().stream()
                .filter(entry -> entry.getValue().record() != null)
                .map(Map.Entry::getKey),
            uses.entrySet().stream()
                .filter(entry -> entry.getValue().configs() > 0)
                .map(Map.Entry::getKey))
        .distinct();
  }

  @Override
  public boolean concerns(Topic topic) {
    return !records.isEmpty()
        && (topic.name().startsWith(ConfigKey.PREFIX) || topic.name().startsWith(GrayKey.PREFIX));
  }

  @Override
  public Verdict of(Append append) {
    if (append.deleted()) {
      return Admitted.FREELY;
    }
    int bytes = append.payload().length();
    Optional<ConfigKey> config = ConfigKey.of(append.topic());
    Optional<ConfigKey> either = config.or(() -> GrayKey.of(append.topic()).map(GrayKey::config));
    if (either.isEmpty()) {
      return Admitted.FREELY;
    }
    String name = either.get().namespace();
    NamespaceRecord record = record(name);
    if (record == null || record.quota().isNone()) {
      return Admitted.FREELY;
    }
    NamespaceQuota quota = record.quota();
    if (bytes > quota.bytesOfOne()) {
      return NamespaceUse.refused(
          name, "a config of " + bytes + " bytes", "at most " + quota.bytesOfOne() + " each");
    }
    // Gray versions come and go; the one that becomes the version for all is counted then.
    return config.isEmpty()
        ? Admitted.FREELY
        : use(name).admit(config.get(), quota, size.applyAsInt(config.get()), bytes);
  }
}
