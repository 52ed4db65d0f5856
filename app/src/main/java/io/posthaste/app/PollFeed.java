package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;

/** Asks again and again: at an interval (short poll), or waiting at the server (long poll). */
final class PollFeed implements Feed {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Client client;
  private final Duration interval;
  private final int waitSeconds;

  /**
   * A feed.
   *
   * @param interval between an answer with nothing more behind it and the next request
   * @param waitSeconds for how long the server may hold a request; 0 for not at all
   */
  PollFeed(Client client, Duration interval, int waitSeconds) {
    this.client = client;
    this.interval = interval;
    this.waitSeconds = waitSeconds;
  }

  @Override
  public void follow(Place place, Listener listener) throws IOException, InterruptedException {
    while (true) {
      String wait = waitSeconds == 0 ? "" : "&wait=" + waitSeconds;
      HttpRequest request =
          client
              .request("/v1/updates" + place.query() + wait)
              .timeout(PATIENCE.plusSeconds(waitSeconds))
              .build();
      JsonNode page = client.json(request);
      Instant now = Instant.now();
      listener.onConnected();
      if (page.path("missed").asBoolean()) {
        listener.onMissed(page.path("gaps"));
      }
      for (JsonNode message : page.path("messages")) {
        listener.onUpdate(Update.of(message, now));
      }
      if (!page.path("next").isTextual()) {
        throw new IOException("an answer without a cursor: is this a Posthaste server?");
      }
      place.seen(page.path("next").textValue());
      if (!page.path("more").asBoolean() && !interval.isZero()) {
        Thread.sleep(interval.toMillis());
      }
    }
  }
}
