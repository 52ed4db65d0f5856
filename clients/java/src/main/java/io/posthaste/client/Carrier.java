package io.posthaste.client;

import java.io.IOException;

/** One technique of being told of messages. */
interface Carrier {
  /**
   * Reads on from a place, until the connection ends, or the sink wants to leave. Returns when it
   * ended in order; throws when it broke, or never came about.
   *
   * @throws RefusedException if the server will not have this reading
   * @throws InterruptedException when the subscription is closed
   */
  void follow(Node node, Place place, Sink sink) throws IOException, InterruptedException;
}
