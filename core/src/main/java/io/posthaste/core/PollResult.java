package io.posthaste.core;

import java.util.List;

/**
 * What a {@link Poll} found.
 *
 * @param messages in log order, empty if the wait was over first
 * @param next where to go on
 * @param more whether there were further messages when the answer was cut
 * @param gaps what the cursor lacked and is no longer kept
 */
public record PollResult(List<Message> messages, Cursor next, boolean more, List<Gap> gaps) {
  public PollResult {
    messages = List.copyOf(messages);
    gaps = List.copyOf(gaps);
  }
}
