package io.posthaste.app;

import io.posthaste.config.ConfigKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings configs into a namespace: looks first what each would change, then publishes each on the
 * condition that what it replaces is still what was looked at.
 */
final class ConfigTransfer {
  /** What becomes of configs that are there already and say something else. */
  enum Policy {
    /** Nothing at all is published if there is one. */
    ABORT,
    /** They stay as they are. */
    SKIP,
    /** They are replaced; what they were stays in their history. */
    OVERWRITE
  }

  /** What is to be done with one. */
  private record Step(StoredConfig wanted, @Nullable StoredConfig there) {
    boolean isNew() {
      return there == null;
    }

    boolean isSame() {
      return there != null && wanted.changesNothing(there);
    }

    String line() {
      String name = wanted.key().group() + "/" + wanted.key().name();
      if (there == null) {
        return "+ " + name;
      }
      int lines = TextDiff.changedLines(there.content(), wanted.content());
      return "~ " + name + " (" + (lines == 1 ? "1 line" : lines + " lines") + ")";
    }
  }

  private final RemoteConfigs configs;
  private final Policy policy;
  private final boolean isDry;
  private final PrintWriter out;

  /**
   * @param isDry whether only to say what would be done
   */
  ConfigTransfer(RemoteConfigs configs, Policy policy, boolean isDry, PrintWriter out) {
    this.configs = configs;
    this.policy = policy;
    this.isDry = isDry;
    this.out = out;
  }

  /**
   * Brings them in.
   *
   * @param comment why, for the history
   * @return how many were published
   * @throws CommandFailure if the policy says abort and something is there already, or the server
   *     does not take one
   */
  int run(List<StoredConfig> wanted, String comment) throws IOException, InterruptedException {
    List<Step> steps = steps(wanted);
    List<Step> changes = steps.stream().filter(step -> !step.isNew() && !step.isSame()).toList();
    if (policy == Policy.ABORT && !changes.isEmpty()) {
      changes.forEach(step -> out.println(step.line()));
      out.flush();
      throw new CommandFailure(
          changes.size()
              + " of "
              + steps.size()
              + " are there already and say something else; nothing was published (expected:"
              + " --policy skip to keep them, or overwrite)");
    }
    int published = 0;
    int skipped = 0;
    int same = 0;
    for (Step step : steps) {
      if (step.isSame()) {
        same++;
      } else if (!step.isNew() && policy == Policy.SKIP) {
        skipped++;
        out.println("- " + step.wanted.key().group() + "/" + step.wanted.key().name() + " is kept");
      } else {
        if (!isDry) {
          publish(step, comment);
        }
        out.println(step.line());
        published++;
      }
    }
    out.printf(
        "%s: %d, kept: %d, the same already: %d%n",
        isDry ? "would be published" : "published", published, skipped, same);
    out.flush();
    return published;
  }

  private List<Step> steps(List<StoredConfig> wanted) throws IOException, InterruptedException {
    Map<ConfigKey, StoredConfig> there = new HashMap<>();
    Map<ConfigKey, StoredConfig> sorted = new TreeMap<>();
    wanted.forEach(config -> sorted.put(config.key(), config));
    for (String namespace :
        sorted.keySet().stream().map(ConfigKey::namespace).distinct().toList()) {
      configs.each(
          namespace,
          found -> {
            if (sorted.containsKey(found.key())) {
              there.put(found.key(), found);
            }
            return true;
          });
    }
    List<Step> steps = new ArrayList<>();
    sorted.forEach((key, config) -> steps.add(new Step(config, there.get(key))));
    return steps;
  }

  private void publish(Step step, String comment) throws IOException, InterruptedException {
    Map<String, String> headers = new LinkedHashMap<>();
    if (step.there != null) {
      headers.putAll(step.there.headers()); // what is not said anew stays said
      headers.remove("encrypted-data-key"); // but that is of the content that was there
    }
    headers.putAll(step.wanted.headers());
    headers.keySet().removeAll(List.of("author", "address", "md5")); // of who published it there
    headers.put("comment", comment);
    String match = step.there == null ? "none" : step.there.id();
    configs.publish(step.wanted.key(), step.wanted.content(), headers, match);
  }
}
