package io.posthaste.client;

/** A config's content has no keys, or is not what its format says. */
public final class ConfigFormatException extends PosthasteException {
  private static final long serialVersionUID = 1;

  ConfigFormatException(String message, Throwable cause) {
    super(message, cause);
  }

  ConfigFormatException(String message) {
    super(message);
  }
}
