package io.posthaste.chaos;

import java.io.IOException;

/** A way to publish through the cluster's balancers. To be used by one thread. */
interface Publishing extends AutoCloseable {
  /** How long a publisher waits for an answer. */
  int ANSWER_MILLIS = 4_000;

  /**
   * Publishes a message, with its text as its idempotency key.
   *
   * @return whether it was acknowledged; false if it was refused for now
   * @throws IOException if nobody knows what became of it
   * @throws AssertionError if it was refused for good
   */
  boolean publish(String topic, String text) throws IOException;

  @Override
  default void close() {}
}
