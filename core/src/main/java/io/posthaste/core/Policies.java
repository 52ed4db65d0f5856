package io.posthaste.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Which {@link Policy} applies to a topic: that of the first rule whose pattern matches, else the
 * default. The server's own topics ({@code $…}) have rules of their own before all others.
 * Immutable.
 */
public final class Policies {
  private static final Policy NEWEST_FOR_EVER =
      new Policy(1, Policy.FOREVER, Long.MAX_VALUE, 1 << 16, false, false);

  private static final Policy NEWEST_IN_MEMORY =
      new Policy(1, Policy.FOREVER, Long.MAX_VALUE, 1 << 16, true, false);

  /** Who may what, on every node at hand, with its history. */
  private static final Policy MIRRORED =
      new Policy(100, Policy.FOREVER, Long.MAX_VALUE, 1 << 16, false, true);

  private static final Policy FOR_A_MINUTE =
      new Policy(1, Duration.ofMinutes(1), Long.MAX_VALUE, 1 << 16, true, false);

  /** Who did what: for a season, however busy. */
  private static final Policy AUDIT =
      new Policy(100_000, Duration.ofDays(90), Long.MAX_VALUE, 1 << 16, false, false);

  private static final List<Rule> BUILT_IN =
      List.of(
          new Rule(new TopicPattern("$access/#"), MIRRORED),
          new Rule(new TopicPattern("$audit/#"), AUDIT),
          new Rule(new TopicPattern("$tickets/#"), FOR_A_MINUTE),
          new Rule(new TopicPattern(Consumers.PREFIX + "#"), NEWEST_FOR_EVER),
          new Rule(new TopicPattern(CopyMark.PREFIX + "#"), NEWEST_FOR_EVER),
          new Rule(new TopicPattern(Presence.PREFIX + "#"), NEWEST_IN_MEMORY),
          new Rule(new TopicPattern(NodeLeases.PREFIX + "#"), NEWEST_IN_MEMORY));

  /** No rule but the built-in ones. */
  public static final Policies DEFAULT = new Policies(List.of());

  /**
   * One rule.
   *
   * @param pattern the topics it is for
   * @param policy what applies to them
   */
  public record Rule(TopicPattern pattern, Policy policy) {
    /**
     * Reads {@code PATTERN=SETTINGS}, as a {@code --keep} option has it.
     *
     * @throws MalformedException if either side is not legal
     */
    public static Rule parse(String text) {
      int equals = text.lastIndexOf('=');
      if (equals < 1) {
        throw new MalformedException(
            "rule: "
                + MalformedException.quote(text)
                + " (expected: PATTERN=SETTINGS, as in logs/#=count:100,age:7d)");
      }
      return new Rule(
          new TopicPattern(text.substring(0, equals)), Policy.parse(text.substring(equals + 1)));
    }
  }

  private final List<Rule> rules;

  /** The first match wins. */
  public Policies(List<Rule> rules) {
    List<Rule> all = new ArrayList<>(BUILT_IN);
    all.addAll(rules);
    this.rules = List.copyOf(all);
  }

  /** What applies to the topic. */
  public Policy of(Topic topic) {
    for (Rule rule : rules) {
      if (rule.pattern().matches(topic)) {
        return rule.policy();
      }
    }
    return Policy.DEFAULT;
  }

  /** The rules in order, the built-in ones first. */
  public List<Rule> rules() {
    return rules;
  }
}
