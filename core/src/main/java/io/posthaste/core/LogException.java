package io.posthaste.core;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

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
  public LogException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** What a stage of the log failed with, as a failure of the log. */
  static LogException of(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof LogException known) {
      return known;
    }
    return new LogException("the log could not be read: " + cause, cause);
  }
}
