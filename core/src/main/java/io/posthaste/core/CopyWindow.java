package io.posthaste.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a copy that was interrupted had appended beyond its last mark: finds which messages of the
 * batch that follows the mark are in the other log already.
 */
final class CopyWindow {
  private CopyWindow() {}

  /**
   * @param batch what follows the mark in the log that is copied
   * @param there what follows the mark in the copy
   * @param epoch the copy's
   * @return those of the batch that are there, with their ids; with null those that were there
   *     until the copy's policies let go of them
   * @throws LogException if something is there that the copy did not append
   */
  static Map<Message, @Nullable Id> present(
      List<Message> batch, List<Message> there, String epoch) {
    Map<Topic, List<Message>> sent = byTopic(batch);
    Map<Message, @Nullable Id> present = new HashMap<>();
    byTopic(there)
        .forEach(
            (topic, kept) -> {
              List<Message> ofTopic = sent.getOrDefault(topic, List.of());
              int count = countOf(topic, kept, ofTopic);
              int gone = count - kept.size();
              for (int i = 0; i < count; i++) {
                present.put(ofTopic.get(i), i < gone ? null : Id.of(epoch, kept.get(i - gone)));
              }
            });
    return present;
  }

  private static Map<Topic, List<Message>> byTopic(List<Message> messages) {
    Map<Topic, List<Message>> byTopic = new HashMap<>();
    messages.forEach(m -> byTopic.computeIfAbsent(m.topic(), t -> new ArrayList<>()).add(m));
    return byTopic;
  }

  /** How many of what was sent of a topic have arrived, given the newest that are kept of these. */
  private static int countOf(Topic topic, List<Message> kept, List<Message> sent) {
    for (int count = kept.size(); count <= sent.size(); count++) {
      if (equal(sent.subList(count - kept.size(), count), kept)) {
        return count;
      }
    }
    throw new LogException(
        "topic "
            + topic
            + " has messages in the copy that are none of a copy's (expected: nobody publishes"
            + " there until the copy is whole; begin again with an empty log)");
  }

  private static boolean equal(List<Message> some, List<Message> others) {
    for (int i = 0; i < some.size(); i++) {
      if (!CopyDigest.ofOne(some.get(i)).equals(CopyDigest.ofOne(others.get(i)))) {
        return false;
      }
    }
    return true;
  }
}
