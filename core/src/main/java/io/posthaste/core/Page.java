package io.posthaste.core;

import java.util.List;

/**
 * Messages of one partition in log order, oldest first.
 *
 * @param messages what was asked for
 * @param through forward: the page holds every kept message that was asked for up to this sequence,
 *     which is never below the place asked after; continue here. Backward: the oldest sequence
 *     looked at; continue before it
 * @param more whether the page was cut short: there may be further messages beyond {@code through}.
 *     False only if there were none when the log was read
 * @param gaps for a forward read, the topics of which messages above the place asked after are no
 *     longer kept
 */
public record Page(List<Message> messages, long through, boolean more, List<Gap> gaps) {
  public Page {
    messages = List.copyOf(messages);
    gaps = List.copyOf(gaps);
  }
}
