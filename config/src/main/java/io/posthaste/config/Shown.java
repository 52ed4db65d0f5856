package io.posthaste.config;

import static java.util.Objects.requireNonNull;

/**
 * What an instance is given of a config.
 *
 * @param version the version that it sees
 * @param gray the name of the gray version that it is; empty if it is the one for all
 */
public record Shown(ConfigVersion version, String gray) {
  public Shown {
    requireNonNull(version, "version");
    requireNonNull(gray, "gray");
  }
}
