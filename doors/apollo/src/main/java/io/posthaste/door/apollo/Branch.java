package io.posthaste.door.apollo;

import io.posthaste.config.AddressRange;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.config.GrayKey;
import io.posthaste.config.GrayMatch;
import io.posthaste.config.GrayRule;
import io.posthaste.config.GrayVersion;
import java.util.List;
import java.util.Optional;

/**
 * A namespace's branch, which Apollo calls a cluster of its own below the namespace's. Here it is a
 * gray version of the config, always of the same name, and a draft of what is other in it. Until it
 * is released for the first time nobody's share of it is greater than none.
 */
final class Branch {
  /** What the gray version is called. */
  private static final String GRAY = "branch";

  private static final String SUFFIX = "--branch";

  /** Who sees a branch that has no rules. No instance is there. */
  private static final GrayMatch NOBODY =
      GrayMatch.addresses(List.of(AddressRange.parse("0.0.0.0")));

  /** The rule of one that is new. */
  static final GrayRule NEW = rule(List.of()).withShare(0);

  private Branch() {}

  /** What the open API calls the branch of a cluster's namespace. */
  static String name(String cluster) {
    return cluster + SUFFIX;
  }

  /** Whether a cluster's name is that of a branch. */
  static boolean isOne(String cluster) {
    return cluster.length() > SUFFIX.length() && cluster.endsWith(SUFFIX);
  }

  static boolean isOne(ConfigKey key) {
    return isOne(key.namespace());
  }

  /** The branch of a config, as if it were one itself: what its draft is found by. */
  static ConfigKey of(ConfigKey config) {
    return new ConfigKey(name(Clusters.cluster(config.namespace())), config.group(), config.name());
  }

  /** The config of which that is the branch; the same if it is none. */
  static ConfigKey config(ConfigKey key) {
    String namespace = key.namespace();
    return isOne(key)
        ? new ConfigKey(
            Clusters.namespace(namespace.substring(0, namespace.length() - SUFFIX.length())),
            key.group(),
            key.name())
        : key;
  }

  /** The gray version that a config's branch is. */
  static GrayKey gray(ConfigKey config) {
    return new GrayKey(config, GRAY);
  }

  /** The gray version as it is; empty if the config has no branch. */
  static Optional<GrayVersion> find(Configs configs, ConfigKey config) {
    GrayKey key = gray(config);
    return configs.grays().of(config).stream().filter(one -> one.key().equals(key)).findFirst();
  }

  /** A rule for those who are like one of these. */
  static GrayRule rule(List<GrayMatch> anyOf) {
    List<GrayMatch> some = anyOf.isEmpty() ? List.of(NOBODY) : anyOf;
    return new GrayRule(GrayRule.DEFAULT_PRIORITY, GrayRule.ALL, some);
  }

  /** Whom a rule asks for. */
  static List<GrayMatch> matches(GrayRule rule) {
    return rule.anyOf().stream().filter(match -> !match.equals(NOBODY)).toList();
  }
}
