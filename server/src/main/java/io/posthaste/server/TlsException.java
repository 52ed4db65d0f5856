package io.posthaste.server;

/** Why TLS cannot be spoken with what was given; the message says what would be right. */
public final class TlsException extends Exception {
  private static final long serialVersionUID = 1;

  TlsException(String message) {
    super(message);
  }

  TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
