package io.posthaste.app;

/** A command cannot do what it was asked to. The message is one line, for the person who asked. */
final class CommandFailure extends RuntimeException {
  private final boolean misuse;

  private CommandFailure(String message, boolean misuse) {
    super(message, null, false, false);
    this.misuse = misuse;
  }

  /** What was asked for is right, but cannot be had: exit code 1. */
  CommandFailure(String message) {
    this(message, false);
  }

  /** What was asked for makes no sense: exit code 2. */
  static CommandFailure misuse(String message) {
    return new CommandFailure(message, true);
  }

  boolean isMisuse() {
    return misuse;
  }
}
