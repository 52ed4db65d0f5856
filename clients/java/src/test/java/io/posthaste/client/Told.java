package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A listener of configs that remembers. */
final class Told implements ConfigListener {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final List<ConfigChange> changes = new ArrayList<>();
  private final List<String> refusals = new ArrayList<>();
  private int taken;

  @Override
  public synchronized void onChange(ConfigChange change) {
    changes.add(change);
  }

  @Override
  public synchronized void onRefused(ConfigName name, RefusedException why) {
    refusals.add(name.name() + " " + why.code());
  }

  /** The next one. */
  ConfigChange next() {
    Awaitility.await("a change")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> all().size() > taken);
    return all().get(taken++);
  }

  /** Awaits the content that is told of last. */
  void awaitLast(String content) {
    Awaitility.await("to be told of " + content)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> assertThat(last()).isEqualTo(content));
  }

  String last() {
    List<ConfigChange> all = all();
    return all.isEmpty() ? "" : all.get(all.size() - 1).now().map(Config::content).orElse("");
  }

  synchronized List<ConfigChange> all() {
    return List.copyOf(changes);
  }

  synchronized List<String> refusals() {
    return List.copyOf(refusals);
  }
}
