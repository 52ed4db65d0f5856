package io.posthaste.door.tcp;

import static java.util.Objects.requireNonNull;

import io.posthaste.door.tcp.v1.Gap;
import io.posthaste.door.tcp.v1.Missed;
import java.util.List;

/**
 * Says that messages are lacking that are no longer kept.
 *
 * @param topic the topic, or a pattern over all that may be meant
 * @param from where messages go on: an id, or a cursor if none is kept
 */
public record TcpGap(String topic, String from) {
  public TcpGap {
    requireNonNull(topic, "topic");
    requireNonNull(from, "from");
  }

  static List<TcpGap> of(Missed wire) {
    return wire.getGapsList().stream().map(TcpGap::of).toList();
  }

  private static TcpGap of(Gap wire) {
    return new TcpGap(wire.getTopic(), wire.getFrom());
  }
}
