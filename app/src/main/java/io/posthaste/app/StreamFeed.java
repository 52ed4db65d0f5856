package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An answer that does not end: server-sent events, or a line of JSON a message. */
final class StreamFeed implements Feed {
  /** Three heartbeats of a server with default settings, so one lost to a proxy is no matter. */
  private static final Duration QUIET = Duration.ofSeconds(75);

  private final Client client;
  private final boolean events;

  private StreamFeed(Client client, boolean events) {
    this.client = client;
    this.events = events;
  }

  /** Server-sent events. */
  static StreamFeed sse(Client client) {
    return new StreamFeed(client, true);
  }

  /** Newline-delimited JSON. */
  static StreamFeed ndjson(Client client) {
    return new StreamFeed(client, false);
  }

  @Override
  public void follow(Place place, Listener listener) throws IOException, InterruptedException {
    HttpRequest request =
        client
            .request("/v1/updates" + place.query())
            .header("Accept", events ? "text/event-stream" : "application/x-ndjson")
            .build();
    try (InputStream body = client.send(request).body();
        Watchdog watchdog = new Watchdog(QUIET, body)) {
      listener.onConnected();
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
      try {
        if (events) {
          readEvents(lines, watchdog, place, listener);
        } else {
          readLines(lines, watchdog, place, listener);
        }
      } catch (IOException e) {
        throw watchdog.hasBitten()
            ? new IOException("nothing came for " + QUIET.toSeconds() + " s")
            : e;
      }
    }
  }

  private static @Nullable String next(BufferedReader lines, Watchdog watchdog) throws IOException {
    watchdog.waits();
    String line = lines.readLine();
    watchdog.hears();
    return line;
  }

  /** WHATWG HTML 9.2.6, as far as our server uses it; the id counts once its event is complete. */
  private static void readEvents(
      BufferedReader lines, Watchdog watchdog, Place place, Listener listener)
      throws IOException, InterruptedException {
    StringBuilder data = new StringBuilder();
    String event = "";
    @Nullable String id = null;
    for (String line = next(lines, watchdog); line != null; line = next(lines, watchdog)) {
      if (!line.isEmpty()) {
        int colon = line.indexOf(':');
        String field = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(colon + 1);
        value = value.startsWith(" ") ? value.substring(1) : value;
        switch (field) {
          case "data" -> data.append(data.isEmpty() ? "" : "\n").append(value);
          case "event" -> event = value;
          case "id" -> id = value;
          default -> {} // comments, retry, and what we do not know
        }
        continue;
      }
      if (!data.isEmpty()) {
        JsonNode json = Json.read(data.toString());
        if (event.equals("missed")) {
          listener.onMissed(json.path("gaps"));
        } else if (event.isEmpty() || event.equals("message")) {
          listener.onUpdate(Update.of(json, Instant.now()));
        }
      }
      if (id != null && !id.isEmpty()) {
        place.seen(id);
      }
      data.setLength(0);
      event = "";
      id = null;
    }
  }

  private static void readLines(
      BufferedReader lines, Watchdog watchdog, Place place, Listener listener)
      throws IOException, InterruptedException {
    for (String line = next(lines, watchdog); line != null; line = next(lines, watchdog)) {
      if (!line.isBlank()) {
        take(Json.read(line), place, listener);
      }
    }
  }

  /** One line of JSON: a cursor, what was missed, or a message. */
  static void take(JsonNode json, Place place, Listener listener)
      throws IOException, InterruptedException {
    if (json.path("missed").asBoolean()) {
      listener.onMissed(json.path("gaps"));
    }
    if (json.has("topic")) {
      Update update = Update.of(json, Instant.now());
      listener.onUpdate(update);
      place.seen(json.path("next").asText(update.id()));
    } else if (json.path("next").isTextual()) {
      place.seen(json.path("next").textValue());
    }
  }
}
