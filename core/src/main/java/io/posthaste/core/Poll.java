package io.posthaste.core;

import static java.util.Objects.requireNonNull;

/**
 * Asks once for what follows a place.
 *
 * @param what the topics and where to begin
 * @param limit at most so many messages, 1 to 1,000
 * @param waitMillis how long to wait for the first message; 0 to be answered at once
 */
public record Poll(Subscription what, int limit, long waitMillis) {
  /** The most messages in one answer. */
  public static final int MAX_LIMIT = 1_000;

  public Poll {
    requireNonNull(what, "what");
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new MalformedException("limit: " + limit + " (expected: 1 to " + MAX_LIMIT + ")");
    }
    if (waitMillis < 0) {
      throw new MalformedException("wait: " + waitMillis + " ms (expected: 0 or more)");
    }
  }
}
