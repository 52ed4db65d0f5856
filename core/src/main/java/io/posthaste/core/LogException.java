package io.posthaste.core;

/**
 * The log could not keep a promise: its disk or its peers failed. The message says which and what
 * to look at.
 */
public final class LogException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what failed. */
  public LogException(String message) {
    super(message);
  }

  /** Says what failed and because of what. */
  public LogException(String message, Throwable cause) {
    super(message, cause);
  }
}
