package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Id;

/**
 * The version of a config that an instance sees.
 *
 * @param id the message that it is
 * @param md5 of its content
 * @param gray the name of the gray version that it is; empty if it is the one for all
 */
public record Sight(Id id, Md5 md5, String gray) {
  public Sight {
    requireNonNull(id, "id");
    requireNonNull(md5, "md5");
    requireNonNull(gray, "gray");
  }

  /** Whether not everybody sees it. */
  public boolean isGray() {
    return !gray.isEmpty();
  }
}
