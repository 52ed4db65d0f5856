package io.posthaste.app;

import java.time.Duration;
import java.util.Locale;

/** The ways to wait. */
enum Technique {
  POLL,
  LONG_POLL,
  SSE,
  NDJSON,
  WS,
  TCP;

  private static final int HELD_SECONDS = 30;

  /**
   * A feed of this technique.
   *
   * @param interval between two short polls
   */
  Feed feed(Client client, Duration interval) {
    return switch (this) {
      case POLL -> new PollFeed(client, interval, 0);
      case LONG_POLL -> new PollFeed(client, Duration.ZERO, HELD_SECONDS);
      case SSE -> StreamFeed.sse(client);
      case NDJSON -> StreamFeed.ndjson(client);
      case WS -> new WebSocketFeed(client);
      case TCP -> new TcpFeed(client);
    };
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
