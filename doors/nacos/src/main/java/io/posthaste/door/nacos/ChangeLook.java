package io.posthaste.door.nacos;

import io.posthaste.config.ConfigChange;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.server.Exchange;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Finds one change of a config by the number that lists give it. */
final class ChangeLook {
  private final Configs configs;

  ChangeLook(Configs configs) {
    this.configs = configs;
  }

  /**
   * A change.
   *
   * @param content what the config was afterwards
   */
  record Found(ConfigChange change, Payload content) {}

  /**
   * A change of that number, or one before it; empty if it is not kept.
   *
   * @param back how many changes before
   * @throws MalformedException if it is no number
   */
  CompletionStage<Optional<Found>> find(ConfigKey key, String number, int back) {
    long sequence = sequence(number);
    return configs
        .history(key)
        .thenCompose(
            changes -> {
              int place = place(changes, sequence);
              int wanted = place + back;
              if (place < 0 || wanted >= changes.size()) {
                return CompletableFuture.completedFuture(Optional.empty());
              }
              ConfigChange change = changes.get(wanted);
              return configs
                  .version(key, change.id())
                  .thenApply(found -> found.map(v -> new Found(change, v.content())));
            });
  }

  private static long sequence(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new MalformedException(
          "id: " + MalformedException.quote(text) + " (expected: a number from the history)");
    }
  }

  private static int place(List<ConfigChange> changes, long sequence) {
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i).id().sequence() == sequence) {
        return i;
      }
    }
    return -1;
  }

  static void absent(Exchange exchange) {
    Answers.text(exchange, 404, "there is no such change (expected: one that is kept)\n");
  }
}
