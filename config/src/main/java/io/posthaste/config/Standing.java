package io.posthaste.config;

import io.posthaste.core.Id;
import org.jspecify.annotations.Nullable;

/**
 * What an instance should have of a config by now.
 *
 * @param md5 of the content; null if there is nothing for it
 * @param id the version, or the deletion; null if there never was one
 * @param timeMillis when that was published, in milliseconds since 1970
 */
record Standing(@Nullable Md5 md5, @Nullable Id id, long timeMillis) {
  /** Of a config that never was. */
  static final Standing NEVER = new Standing(null, null, 0);
}
