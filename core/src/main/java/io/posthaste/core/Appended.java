package io.posthaste.core;

import org.jspecify.annotations.Nullable;

/** What became of one {@link Append}. */
public sealed interface Appended {
  /**
   * The message is in the log, as durable as its policy says.
   *
   * @param id its place
   * @param timeMillis when it was taken, in milliseconds since 1970
   * @param repeated whether this is a first append's answer, given again to a retry with its key
   */
  record Stored(Id id, long timeMillis, boolean repeated) implements Appended {}

  /**
   * The condition did not hold; nothing was written.
   *
   * @param latest the topic's latest message, tombstones included; null if there is none
   */
  record ConditionFailed(@Nullable Id latest) implements Appended {}

  /** The key was used for another body; nothing was written. */
  record KeyReused() implements Appended {}

  /**
   * The payload is larger than the topic's policy allows; nothing was written.
   *
   * @param maxBytes what is allowed
   */
  record TooLarge(long maxBytes) implements Appended {}

  /**
   * It may not be appended as things stand, by the hub's {@link Admission}; nothing was written.
   *
   * @param reason what stands against it, and what would be right, in one line for people
   */
  record Refused(String reason) implements Appended {}

  /**
   * The log cannot take it now: the disk is full, or the engine is closing or cut off. Nothing was
   * acknowledged; a retry may succeed later, and with a key it is harmless.
   *
   * @param reason one line for people
   */
  record Unavailable(String reason) implements Appended {}
}
