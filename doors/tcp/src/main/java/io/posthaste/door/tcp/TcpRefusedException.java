package io.posthaste.door.tcp;

import io.posthaste.door.tcp.v1.Error;

/** The server refused a request. The message says what is wrong and what would be right. */
public final class TcpRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String code;
  private final boolean retry;
  private final String latest;

  TcpRefusedException(Error wire) {
    super(wire.getMessage());
    this.code = wire.getName();
    this.retry = wire.getRetry();
    this.latest = wire.getLatest();
  }

  /** The refusal as a word, as in {@code topicTaken}; {@code posthaste.proto} lists them. */
  public String code() {
    return code;
  }

  /** Whether the same request may succeed later. */
  public boolean retry() {
    return retry;
  }

  /** If a condition failed, the id of the topic's latest message; empty if there is none. */
  public String latest() {
    return latest;
  }
}
