package io.posthaste.client;

/**
 * A way to be told of messages. All see the same ones; they differ in what networks let through.
 */
public enum Technique {
  /** The binary protocol over a connection of its own, on a port of its own. Only if asked for. */
  TCP,
  /** Frames both ways over an upgraded HTTP connection. */
  WEBSOCKET,
  /** Server-sent events: an HTTP answer that does not end. */
  SSE,
  /** HTTP requests that are held until there is something. */
  LONG_POLL,
  /** HTTP requests that are answered at once, at an interval. Passes everything, and hears late. */
  SHORT_POLL
}
