package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Id;

/**
 * A line of a config's history: a change, without the content that it left.
 *
 * @param id the version that came of it
 * @param operation what was done
 * @param timeMillis when, in milliseconds since 1970
 * @param md5 of the content afterwards
 * @param bytes the content's length afterwards
 * @param attributes what was said of it
 */
public record ConfigChange(
    Id id, Operation operation, long timeMillis, Md5 md5, int bytes, ConfigAttributes attributes) {
  /** What can be done to a config. */
  public enum Operation {
    /** There was none before. */
    CREATED,
    /** Another version followed one; or the one before is no longer kept. */
    UPDATED,
    /** It was deleted. */
    DELETED
  }

  public ConfigChange {
    requireNonNull(id, "id");
    requireNonNull(operation, "operation");
    requireNonNull(md5, "md5");
    requireNonNull(attributes, "attributes");
  }
}
