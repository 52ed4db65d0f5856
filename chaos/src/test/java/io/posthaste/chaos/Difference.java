package io.posthaste.chaos;

import io.posthaste.chaos.ChaosReader.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What differs between two long lists, said in a few lines. */
final class Difference {
  private static final int SHOWN = 5;

  private Difference() {}

  /**
   * Fails unless the lists are the same.
   *
   * @param what said of the actual list
   */
  static void none(String what, List<Message> expected, List<Message> actual) {
    if (expected.equals(actual)) {
      return;
    }
    int at = 0;
    while (at < Math.min(expected.size(), actual.size())
        && expected.get(at).equals(actual.get(at))) {
      at++;
    }
    List<Message> lacking = new ArrayList<>(expected);
    lacking.removeAll(new HashSet<>(actual));
    List<Message> more = new ArrayList<>(actual);
    more.removeAll(new HashSet<>(expected));
    List<Message> repeated = new ArrayList<>();
    Set<Message> once = new HashSet<>();
    for (Message message : actual) {
      if (!once.add(message)) {
        repeated.add(message);
      }
    }
    throw new AssertionError(
        "%s%n%d messages (expected: %d)%nlacking %s%nrepeated %s%nunexpected %s%nfirst at %d: %s (expected: %s)"
            .formatted(
                what,
                actual.size(),
                expected.size(),
                some(lacking, 0),
                some(repeated, 0),
                some(more, 0),
                at,
                some(actual, at),
                some(expected, at)));
  }

  private static String some(List<Message> messages, int from) {
    int to = Math.min(messages.size(), from + SHOWN);
    return messages.size() + ": " + messages.subList(Math.min(from, to), to);
  }
}
