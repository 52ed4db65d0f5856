package io.posthaste.client;

/**
 * No server could be reached, or none that can serve now; or the thread that waited for it was
 * interrupted (it still is). Whether what was asked for was done may be unknown; everything that
 * this client repeats by itself is harmless to repeat.
 */
public final class UnreachableException extends PosthasteException {
  private static final long serialVersionUID = 1;

  UnreachableException(String message, Throwable cause) {
    super(message, cause);
  }
}
