package io.posthaste.config;

import io.posthaste.core.Admission;
import io.posthaste.core.Append;
import io.posthaste.core.Topic;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
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

  /** Has somebody use a config's size while no change of it is heard. */
  interface Sizes {
    /** Gives it to whoever wants it, {@link NamespaceUse#ABSENT} if there is none. */
    Verdict use(ConfigKey key, IntFunction<Verdict> user);
  }

  private final Sizes sizes;
  private final ToIntFunction<GrayKey> graySize;
  private final Map<String, Known> records = new ConcurrentHashMap<>();
  private final Map<String, NamespaceUse> uses = new ConcurrentHashMap<>();

  /**
   * @param sizes of configs, as far as is known here
   * @param graySize of a gray version; {@link NamespaceUse#ABSENT} if there is none
   */
  Quotas(Sizes sizes, ToIntFunction<GrayKey> graySize) {
    this.sizes = sizes;
    this.graySize = graySize;
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
    Optional<ConfigKey> config = ConfigKey.of(append.topic());
    if (config.isPresent()) {
      return of(config.get(), append.payload().length());
    }
    return GrayKey.of(append.topic())
        .<Verdict>map(gray -> of(gray, append.payload().length()))
        .orElse(Admitted.FREELY);
  }

  private Verdict of(ConfigKey key, int bytes) {
    NamespaceQuota quota = quota(key);
    if (quota.isNone()) {
      return Admitted.FREELY;
    }
    return sizes.use(
        key,
        before ->
            isTooLarge(bytes, before, quota)
                ? tooLarge(key, bytes, quota)
                : use(key.namespace()).admit(key, quota, before, bytes));
  }

  /** Gray versions come and go; the one that becomes the version for all is counted then. */
  private Verdict of(GrayKey key, int bytes) {
    NamespaceQuota quota = quota(key.config());
    return isTooLarge(bytes, graySize.applyAsInt(key), quota)
        ? tooLarge(key.config(), bytes, quota)
        : Admitted.FREELY;
  }

  private NamespaceQuota quota(ConfigKey key) {
    NamespaceRecord record = record(key.namespace());
    return record == null ? NamespaceQuota.NONE : record.quota();
  }

  /** What is there may be said again, or otherwise, whatever came after it. */
  private static boolean isTooLarge(int bytes, int before, NamespaceQuota quota) {
    return bytes > quota.bytesOfOne() && bytes > before;
  }

  private static Verdict tooLarge(ConfigKey key, int bytes, NamespaceQuota quota) {
    return NamespaceUse.refused(
        key.namespace(),
        "a config of " + bytes + " bytes",
        "at most " + quota.bytesOfOne() + " each");
  }
}
