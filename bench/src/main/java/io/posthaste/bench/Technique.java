package io.posthaste.bench;

/** How a reader waits for messages. */
public enum Technique {
  /** Server-sent events. */
  SSE("sse"),
  /** One message a line over a streamed HTTP answer. */
  NDJSON("ndjson"),
  /** A WebSocket. */
  WEBSOCKET("ws"),
  /** A request that is held until there is something to answer. */
  LONG_POLL("long-poll");

  private final String word;

  Technique(String word) {
    this.word = word;
  }

  /** The word used on the command line and in results. */
  public String word() {
    return word;
  }

  @Override
  public String toString() {
    return word;
  }
}
