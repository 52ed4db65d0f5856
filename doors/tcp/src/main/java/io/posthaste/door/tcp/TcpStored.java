package io.posthaste.door.tcp;

import static java.util.Objects.requireNonNull;

/**
 * A message is in the log.
 *
 * @param id its place; empty if there was nothing to delete
 * @param timeMillis when the server took it, in milliseconds since 1970
 */
public record TcpStored(String id, long timeMillis) {
  public TcpStored {
    requireNonNull(id, "id");
  }
}
