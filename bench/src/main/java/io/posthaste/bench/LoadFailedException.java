package io.posthaste.bench;

/** A run could not be carried out, so there is nothing to report of it. */
public final class LoadFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LoadFailedException(String message) {
    super(message);
  }
}
