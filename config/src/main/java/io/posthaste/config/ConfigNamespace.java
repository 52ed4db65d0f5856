package io.posthaste.config;

import io.posthaste.core.Id;
import org.jspecify.annotations.Nullable;

/**
 * A namespace and what it holds at a moment. One of which nobody has said anything is there all the
 * same as long as a config is in it.
 *
 * @param name by which configs name it
 * @param title by which people do; may be empty
 * @param description what it is for; may be empty
 * @param quota how much it may hold
 * @param configs how many configs it holds
 * @param bytes how large their contents are together
 * @param id the version of what is said of it; null if nothing is
 * @param timeMillis when that was said, in milliseconds since 1970; 0 if nothing is
 * @param author who said it; may be empty
 * @param comment why; may be empty
 */
public record ConfigNamespace(
    String name,
    String title,
    String description,
    NamespaceQuota quota,
    long configs,
    long bytes,
    @Nullable Id id,
    long timeMillis,
    String author,
    String comment) {
  /** Whether somebody has made it, rather than that only a config is in it. */
  public boolean isMade() {
    return id != null;
  }
}
