package io.posthaste.app;

import io.posthaste.config.ConfigKey;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Notices what changes in a folder by looking again and again: which works on every file system,
 * and does not care how an editor or git replaces files.
 */
final class FolderWatch {
  private FolderWatch() {}

  /** What is done with what has changed. */
  @FunctionalInterface
  interface Publisher {
    void publish(List<StoredConfig> changed) throws IOException, InterruptedException;
  }

  /**
   * Looks until the thread is interrupted. What has changed is published once it looks the same
   * twice: else a file might be published that is half written.
   *
   * @param known what is published already
   */
  static void each(
      Duration pause,
      List<StoredConfig> known,
      Supplier<List<StoredConfig>> look,
      Publisher publisher)
      throws IOException, InterruptedException {
    Map<ConfigKey, String> published = contents(known);
    Map<ConfigKey, String> last = Map.of();
    while (true) {
      Thread.sleep(pause.toMillis());
      List<StoredConfig> now = look.get();
      Map<ConfigKey, String> before = last;
      List<StoredConfig> changed =
          now.stream()
              .filter(config -> !config.content().equals(published.get(config.key())))
              .filter(config -> config.content().equals(before.get(config.key())))
              .toList();
      if (!changed.isEmpty()) {
        publisher.publish(changed);
        published.putAll(contents(changed));
      }
      last = contents(now);
    }
  }

  private static Map<ConfigKey, String> contents(List<StoredConfig> configs) {
    Map<ConfigKey, String> contents = new HashMap<>();
    configs.forEach(config -> contents.put(config.key(), config.content()));
    return contents;
  }
}
