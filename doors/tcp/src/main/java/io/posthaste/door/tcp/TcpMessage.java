package io.posthaste.door.tcp;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Payload;
import io.posthaste.door.tcp.v1.Header;
import io.posthaste.door.tcp.v1.Message;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A message as a {@link TcpClient} got it.
 *
 * @param topic what it was published under
 * @param id its place in the log, opaque
 * @param cursor where to resume behind it: its id, unless the reader reads several partitions. In a
 *     page its id always; go on from {@link TcpPage#next}
 * @param timeMillis when the server took it, in milliseconds since 1970
 * @param type its Content-Type, empty if none was given
 * @param headers its own headers, in the publisher's order
 * @param payload its bytes
 * @param deleted whether it says that the topic was deleted
 */
public record TcpMessage(
    String topic,
    String id,
    String cursor,
    long timeMillis,
    String type,
    Map<String, String> headers,
    Payload payload,
    boolean deleted) {
  public TcpMessage {
    requireNonNull(topic, "topic");
    requireNonNull(id, "id");
    requireNonNull(cursor, "cursor");
    requireNonNull(type, "type");
    headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    requireNonNull(payload, "payload");
  }

  static TcpMessage of(Message wire, String cursor) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : wire.getHeadersList()) {
      headers.put(header.getName(), header.getValue());
    }
    return new TcpMessage(
        wire.getTopic(),
        wire.getId(),
        cursor.isEmpty() ? wire.getId() : cursor,
        wire.getAtMillis(),
        wire.getType(),
        headers,
        Payload.wrap(wire.getPayload().toByteArray()),
        wire.getDeleted());
  }
}
