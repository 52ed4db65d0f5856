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

  private static final Policy POLICY =
      new Policy(100, Policy.FOREVER, Long.MAX_VALUE, MAX_BYTES, false, true);

  private ConfigPolicy() {}

  /**
   * Rules that keep configs, and other topics by the given ones. It goes before them, so that a
   * rule for everything does not let configs expire; one of the very same pattern, {@code
   * config/#}, stands for it.
   */
  public static List<Policies.Rule> before(List<Policies.Rule> others) {
    List<Policies.Rule> rules = new ArrayList<>(others);
    if (others.stream().noneMatch(rule -> rule.pattern().equals(ALL))) {
      rules.add(0, new Policies.Rule(ALL, POLICY));
    }
    return rules;
  }
}
