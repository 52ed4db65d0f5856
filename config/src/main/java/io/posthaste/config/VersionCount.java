package io.posthaste.config;

import io.posthaste.core.Id;
import org.jspecify.annotations.Nullable;

/**
 * How many instances have a version of a config.
 *
 * @param version which
 * @param instances how many
 */
public record VersionCount(Of version, int instances) {
  /**
   * A version as those have it who are counted.
   *
   * @param md5 of its content; null if they have none
   * @param id null if it is not known where they listen
   */
  public record Of(@Nullable Md5 md5, @Nullable Id id) {}
}
