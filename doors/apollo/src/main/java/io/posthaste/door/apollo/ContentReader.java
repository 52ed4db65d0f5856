package io.posthaste.door.apollo;

import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Instance;
import io.posthaste.config.Shown;
import io.posthaste.core.Id;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Reads the versions that were found for an instance: those and no others. Thread-safe. */
final class ContentReader {
  private final Configs configs;

  ContentReader(Configs configs) {
    this.configs = configs;
  }

  /** By now other versions are seen than were found: to be looked for anew. */
  private static final class Outdated extends RuntimeException {
    private static final long serialVersionUID = 1;

    Outdated() {
      super("the config goes on changing while it is read");
    }
  }

  /** Whether a reading has failed because other versions are seen by now. */
  static boolean isOutdated(Throwable failure) {
    return failure instanceof Outdated
        || failure instanceof CompletionException && failure.getCause() instanceof Outdated;
  }

  /**
   * Reads what was found. It fails as {@link #isOutdated} tells if something else was read: as an
   * answer is kept by what was found, everybody would be given what an instance saw a moment later,
   * a gray version perhaps.
   */
  CompletionStage<Content> read(NamespaceName name, List<Places.Found> found, Instance instance) {
    CompletableFuture<List<ConfigVersion>> versions = CompletableFuture.completedFuture(List.of());
    for (Places.Found one : found) {
      versions =
          versions.thenCombine(
              configs.get(one.key(), instance),
              (before, shown) -> {
                List<ConfigVersion> more = new ArrayList<>(before);
                shown.map(Shown::version).ifPresent(more::add);
                return more;
              });
    }
    List<Id> wanted = found.stream().map(one -> one.sight().id()).toList();
    return versions.thenApply(
        all -> {
          if (!all.stream().map(ConfigVersion::id).toList().equals(wanted)) {
            throw new Outdated();
          }
          return new Content(name, all);
        });
  }
}
