package io.posthaste.core;

/** Named cursors that the server remembers: each is the latest message of a topic of its own. */
final class Consumers {
  /** What the topics of consumers begin with. */
  static final String PREFIX = "$consumers/";

  private Consumers() {}

  static Topic topicOf(String name) {
    if (name.isEmpty()) {
      throw new MalformedException("consumer: empty (expected: a name of 1 or more characters)");
    }
    return new Topic(PREFIX + name);
  }
}
