package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** One technique of waiting for messages. */
interface Feed {
  /** Told of what comes, by the feed's caller's thread. */
  interface Listener {
    /** The connection stands: trouble is over. */
    void onConnected();

    /** A message. */
    void onUpdate(Update update) throws IOException, InterruptedException;

    /** Messages are lacking that are no longer kept. */
    void onMissed(JsonNode gaps);
  }

  /**
   * Reads from the place on, moving it, until the connection ends. May be called again.
   *
   * @throws Client.Refusal if the server refuses
   * @throws IOException if the connection fails
   */
  void follow(Place place, Listener listener) throws IOException, InterruptedException;
}
