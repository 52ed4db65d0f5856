package io.posthaste.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What instances see of a config, as it was at one moment. Take one for all whom a change may
 * concern: it costs a look at each rule then, and nothing where there is none. Immutable.
 */
public final class ConfigView {
  private final @Nullable Sight main;
  private final List<GrayVersion> grays; // by priority

  ConfigView(@Nullable Sight main, List<GrayVersion> grays) {
    this.main = main;
    this.grays = grays;
  }

  /** What it sees; empty if there is nothing for it. */
  public Optional<Sight> of(Instance instance) {
    for (GrayVersion gray : grays) {
      if (gray.takes(instance)) {
        return Optional.of(new Sight(gray.id(), gray.md5(), gray.key().gray()));
      }
    }
    return Optional.ofNullable(main);
  }

  /** The MD5 of what it sees; null if there is nothing for it. */
  public @Nullable Md5 md5(Instance instance) {
    for (GrayVersion gray : grays) {
      if (gray.takes(instance)) {
        return gray.md5();
      }
    }
    return main == null ? null : main.md5();
  }

  /** Whether everybody sees the same. */
  public boolean isUniform() {
    return grays.isEmpty();
  }
}
