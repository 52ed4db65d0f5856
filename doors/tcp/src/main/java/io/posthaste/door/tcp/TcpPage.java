package io.posthaste.door.tcp;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a poll found.
 *
 * @param messages in log order; none if the wait was over first
 * @param next where to go on
 * @param more whether there were further messages when the answer was cut
 * @param gaps what the cursor lacked and is no longer kept
 */
public record TcpPage(List<TcpMessage> messages, String next, boolean more, List<TcpGap> gaps) {
  public TcpPage {
    messages = List.copyOf(messages);
    requireNonNull(next, "next");
    gaps = List.copyOf(gaps);
  }
}
