package io.posthaste.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** For readers who want only the newest message of each topic. */
final class Latest {
  private Latest() {}

  /** The newest of each topic among messages in log order, in log order. */
  static List<Message> of(Message[] messages, int from) {
    Set<Topic> seen = new HashSet<>();
    List<Message> newestFirst = new ArrayList<>();
    for (int i = messages.length - 1; i >= from; i--) {
      if (seen.add(messages[i].topic())) {
        newestFirst.add(messages[i]);
      }
    }
    Collections.reverse(newestFirst);
    return newestFirst;
  }
}
