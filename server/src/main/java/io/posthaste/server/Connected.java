package io.posthaste.server;

import io.posthaste.core.Presence;
import java.util.List;

/**
 * A connection, as it was when somebody asked.
 *
 * @param node where it is
 * @param number tells it from the node's others; rising in the order in which they came
 * @param door by which technique
 * @param sinceMillis when it was accepted, in milliseconds since 1970 by the node's clock
 * @param peer the client's address and port; behind a proxy, the proxy's
 * @param topics how many topics and patterns are read over it
 * @param some the first of them, {@value #MOST_TOPICS} at most
 * @param presences who is where by it
 */
public record Connected(
    String node,
    long number,
    String door,
    long sinceMillis,
    String peer,
    int topics,
    List<String> some,
    List<Presence.Who> presences) {
  /** So many topics of a connection are named. */
  static final int MOST_TOPICS = 10;

  public Connected {
    some = List.copyOf(some);
    presences = List.copyOf(presences);
  }
}
