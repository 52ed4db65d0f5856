package io.posthaste.config;

import io.posthaste.core.Policies;
import io.posthaste.core.Policy;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.List;

/** What is kept of configs: the last 100 versions of each, for ever, on every node. */
public final class ConfigPolicy {
  /** The largest content, in bytes. */
  public static final int MAX_BYTES = 10 << 20;

  static final TopicPattern ALL = new TopicPattern(ConfigKey.PREFIX + "#");

  /** All gray versions. They are kept as configs are, in a part of the log of their own. */
  static final TopicPattern GRAY = new TopicPattern(GrayKey.PREFIX + "#");

  /** What there is beside configs for Apollo: drafts, and what is said of applications. */
  static final TopicPattern APOLLO = new TopicPattern("$apollo/#");

  /** What is said of namespaces. */
  static final TopicPattern NAMESPACES = new TopicPattern(NamespaceRecord.PREFIX + "#");

  private static final Policy POLICY =
      new Policy(100, Policy.FOREVER, Long.MAX_VALUE, MAX_BYTES, false, true);

  private ConfigPolicy() {}

  /**
   * Rules that keep configs, and other topics by the given ones. It goes before them, so that a
   * rule for everything does not let configs expire; one of the very same pattern, {@code config/#}
   * or {@code config-gray/#}, stands for it.
   */
  public static List<Policies.Rule> before(List<Policies.Rule> others) {
    List<Policies.Rule> rules = new ArrayList<>(others);
    for (TopicPattern pattern : List.of(NAMESPACES, APOLLO, GRAY, ALL)) {
      if (others.stream().noneMatch(rule -> rule.pattern().equals(pattern))) {
        rules.add(0, new Policies.Rule(pattern, POLICY));
      }
    }
    return rules;
  }
}
