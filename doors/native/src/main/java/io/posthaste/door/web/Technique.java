package io.posthaste.door.web;

import io.posthaste.core.MalformedException;
import io.posthaste.server.Request;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a request for updates can wait. */
enum Technique {
  POLL("poll", "a poll"),
  EVENTS("sse", "an event stream"),
  LINES("ndjson", "an ndjson stream"),
  FRAME("iframe", "a forever frame"),
  SOCKET("ws", "a WebSocket");

  private final String door;
  private final String words;

  Technique(String door, String words) {
    this.door = door;
    this.words = words;
  }

  /** In a word, as lists of connections and presences have it. */
  String door() {
    return door;
  }

  /** The technique that a request asks for. */
  static Technique of(Request request, @Nullable String format) {
    String upgrade = request.header("upgrade");
    boolean upgrades = upgrade != null && hasToken(upgrade, "websocket");
    if (upgrades && format == null) {
      return SOCKET;
    }
    if (upgrades) {
      throw new MalformedException("format: has no meaning for a WebSocket (expected: none)");
    }
    if (format != null) {
      if (!format.equals("frame")) {
        throw new MalformedException(
            "format: "
                + MalformedException.quote(format)
                + " (expected: frame; other forms are asked for by Accept)");
      }
      return FRAME;
    }
    return ofAccept(String.join(",", request.headers("accept")));
  }

  /** Of what we have, what the client likes best; of equals the first (RFC 9110, 12.5.1). */
  private static Technique ofAccept(String accept) {
    if (accept.isEmpty() || accept.equals("*/*")) {
      return POLL;
    }
    Technique best = POLL;
    double liking = 0;
    for (String part : accept.split(",")) {
      String[] parameters = part.split(";");
      Technique technique =
          switch (parameters[0].trim().toLowerCase(Locale.ROOT)) {
            case "text/event-stream" -> EVENTS;
            case "application/x-ndjson", "application/ndjson" -> LINES;
            case "application/json" -> POLL;
            default -> null;
          };
      double quality = quality(parameters);
      if (technique != null && quality > liking) {
        best = technique;
        liking = quality;
      }
    }
    return best;
  }

  private static double quality(String[] parameters) {
    for (int i = 1; i < parameters.length; i++) {
      String parameter = parameters[i].trim();
      if (parameter.startsWith("q=") || parameter.startsWith("Q=")) {
        try {
          return Double.parseDouble(parameter.substring(2));
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1;
  }

  private static boolean hasToken(String header, String token) {
    for (String part : header.split(",")) {
      if (part.trim().equalsIgnoreCase(token)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return words;
  }
}
