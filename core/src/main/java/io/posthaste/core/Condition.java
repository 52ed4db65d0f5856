package io.posthaste.core;

/** What must be true of a topic's latest message for an append to be taken. */
public sealed interface Condition {
  /** Nothing is asked. */
  Condition ANY = new Any();

  /** There is no message, or the latest is a tombstone. */
  Condition ABSENT = new Absent();

  /** There is a latest message that is not a tombstone. */
  Condition PRESENT = new Present();

  /** Nothing is asked. */
  record Any() implements Condition {}

  /** There is no message, or the latest is a tombstone. */
  record Absent() implements Condition {}

  /** There is a latest message that is not a tombstone. */
  record Present() implements Condition {}

  /**
   * The latest message is this one.
   *
   * @param id the message expected to be the latest
   */
  record LatestIs(Id id) implements Condition {}
}
