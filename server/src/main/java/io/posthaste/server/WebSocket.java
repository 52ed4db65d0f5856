package io.posthaste.server;

import io.posthaste.access.Session;

/** The sending side of a WebSocket (RFC 6455); a unit is a text message. */
public interface WebSocket extends Outlet {
  /**
   * Sends what is queued, then a close frame, and waits a few seconds for the answer to it.
   *
   * @param code a code that may stand on the wire (RFC 6455, 7.4): 1000, 1008, 1012, 4000 …
   * @param reason for people; cut to what fits
   */
  void close(int code, String reason);

  /** Reads nothing more from the peer for so many milliseconds, beside what has been read. */
  void pause(long millis);

  /**
   * Has it count among the connections of whoever uses it from now on, as {@link
   * Connection#countFor}.
   *
   * @return whether he may have it
   */
  boolean countFor(Session session);
}
