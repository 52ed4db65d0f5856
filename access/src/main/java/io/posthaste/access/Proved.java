package io.posthaste.access;

/** What came of an attempt to prove who one is. */
public sealed interface Proved {
  /** It holds. */
  record Admitted(Session session) implements Proved {}

  /**
   * It does not hold.
   *
   * @param reason in one line for whoever showed it; tells nothing that only somebody else may know
   */
  record Refused(String reason) implements Proved {}

  /** Too many are being looked at: come again in a while. */
  record Busy() implements Proved {}

  /**
   * So much that was wrong was shown for that user, or from that address, that nothing is looked at
   * for a while; it may be right or not.
   *
   * @param waitMillis for how long, in milliseconds
   */
  record Delayed(long waitMillis) implements Proved {}

  /**
   * It cannot be known now.
   *
   * @param reason in one line
   */
  record Unavailable(String reason) implements Proved {}
}
