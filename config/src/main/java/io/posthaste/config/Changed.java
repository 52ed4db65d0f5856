package io.posthaste.config;

import io.posthaste.core.Id;
import org.jspecify.annotations.Nullable;

/** What became of a change that was asked for. */
public sealed interface Changed {
  /**
   * It was made, and is as durable as the log makes it; every later get on this node sees it.
   *
   * @param id the new version
   * @param timeMillis when, in milliseconds since 1970
   */
  record Done(Id id, long timeMillis) implements Changed {}

  /** There was nothing to delete; nothing was written. */
  record AbsentAlready() implements Changed {}

  /**
   * The config is not what was expected; nothing was written.
   *
   * @param latest its latest version, deletions included; null if there never was one
   */
  record Conflict(@Nullable Id latest) implements Changed {}

  /**
   * The version to go back to is not kept, or is a deletion, or there is no such gray version;
   * nothing was written.
   */
  record NoSuchVersion() implements Changed {}

  /**
   * It cannot be done as things stand; nothing was written.
   *
   * @param reason what stands against it, and what would be right, in one line for people
   */
  record Refused(String reason) implements Changed {}

  /**
   * The content is too large; nothing was written.
   *
   * @param maxBytes what is allowed
   */
  record TooLarge(long maxBytes) implements Changed {}

  /**
   * The log cannot take it now; a retry may succeed.
   *
   * @param reason one line for people
   */
  record Unavailable(String reason) implements Changed {}
}
