package io.posthaste.server;

/** Answers requests. Doors are handlers; so are health checks, metrics and pages. */
@FunctionalInterface
public interface Handler {
  /**
   * Begins to answer. Called by the exchange's loop, which it must not block; the answer may come
   * later. An exception is answered with a problem: 400 with its message for a {@link
   * io.posthaste.core.MalformedException}, else 500.
   */
  void handle(Exchange exchange);
}
