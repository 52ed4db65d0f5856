package io.posthaste.access;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who changes something, from where: it stands in the headers of each message that the change
 * makes.
 *
 * @param by the id of who does it
 * @param from the address that it comes from; empty if from this machine's command line
 * @param door by which it comes
 */
public record Actor(String by, String from, String door) {
  public Actor {
    requireNonNull(by, "by");
    requireNonNull(from, "from");
    requireNonNull(door, "door");
  }

  Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("by", by);
    if (!from.isEmpty()) {
      headers.put("from", from);
    }
    headers.put("door", door);
    return headers;
  }
}
