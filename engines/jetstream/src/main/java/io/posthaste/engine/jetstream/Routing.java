package io.posthaste.engine.jetstream;

import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Says which partition a topic is in. */
final class Routing {
  private final Policies policies;
  private final Map<String, Partition> byRule = new HashMap<>();
  private final Map<Integer, Partition> byNumber = new HashMap<>();
  private final Partition others;

  Routing(Policies policies, List<Partition> partitions, Plan plan) {
    this.policies = policies;
    for (int i = 0; i < partitions.size(); i++) {
      byRule.put(plan.parts().get(i).rule(), partitions.get(i));
      byNumber.put(partitions.get(i).number, partitions.get(i));
    }
    this.others = of(Plan.OTHERS);
  }

  private Partition of(String rule) {
    Partition partition = byRule.get(rule);
    if (partition == null) {
      throw new IllegalStateException("no partition for " + rule);
    }
    return partition;
  }

  /** The partition of that number. */
  Partition partition(int number) {
    Partition partition = byNumber.get(number);
    if (partition == null) {
      throw new IllegalArgumentException(
          "partition: " + number + " (expected: one of " + byNumber.keySet() + ")");
    }
    return partition;
  }

  Partition of(Topic topic) {
    for (Policies.Rule rule : policies.rules()) {
      if (rule.pattern().matches(topic)) {
        return of(rule.pattern().text());
      }
    }
    return others;
  }

  /** The numbers of the partitions in which topics that match may be, rising. */
  List<Integer> of(TopicPattern topics) {
    if (topics.isTopic()) {
      return List.of(of(topics.topic()).number);
    }
    TreeSet<Integer> numbers = new TreeSet<>();
    for (Policies.Rule rule : policies.rules()) {
      if (rule.pattern().overlaps(topics)) {
        numbers.add(of(rule.pattern().text()).number);
        if (rule.pattern().covers(topics)) {
          return List.copyOf(numbers);
        }
      }
    }
    numbers.add(others.number);
    return List.copyOf(numbers);
  }
}
