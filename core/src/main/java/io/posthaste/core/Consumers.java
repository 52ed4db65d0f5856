package io.posthaste.core;

/** Named cursors that the server remembers: each is the latest message of a topic of its own. */
final class Consumers {
  /** What the topics of consumers begin with. */
  static final String PREFIX = "$consumers/";

  private Consumers() {}
}
