package io.posthaste.client;

/** Something did not come about; the subclasses say whether anybody refused it. */
public abstract class PosthasteException extends RuntimeException {
  private static final long serialVersionUID = 1;

  PosthasteException(String message, Throwable cause) {
    super(message, cause);
  }

  PosthasteException(String message) {
    super(message);
  }
}
