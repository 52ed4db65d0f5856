package io.posthaste.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * What becomes of consumers as their log is copied: each stands in the copy behind the last message
 * that was copied before the first one that it has not seen. So none misses anything, and none sees
 * anything twice where the log that is copied has one partition. Not thread-safe.
 */
final class CopiedConsumers {
  private record Waiting(Topic topic, Cursor place) {}

  private record Due(Waiting consumer, long sequence) {}

  private final Map<Integer, PriorityQueue<Due>> byPartition = new HashMap<>();
  private final Set<Waiting> waiting = new LinkedHashSet<>();
  private final List<Append> settled = new ArrayList<>();
  private final List<Append> asTheyAre = new ArrayList<>();

  /**
   * @param done up to here the log was copied before, and consumers whose turn had come are settled
   */
  CopiedConsumers(Log from, Cursor done) {
    LogWaits.eachTopic(
        from,
        Consumers.PREFIX,
        state ->
            LogWaits.answer(from.latest(state.topic()))
                .filter(message -> !message.deleted())
                .ifPresent(message -> add(message, from.epoch(), done)));
  }

  private void add(Message message, String epoch, Cursor done) {
    Cursor place = Cursor.parse(message.payload().utf8());
    if (!place.epoch().equals(epoch)) {
      asTheyAre.add(Append.copyOf(message)); // lost already: it is answered as missed
      return;
    }
    Waiting consumer = new Waiting(message.topic(), place);
    for (int i = 0; i < place.size(); i++) {
      if (done.sequenceIn(place.partition(i), 0) > place.sequence(i)) {
        return;
      }
    }
    waiting.add(consumer);
    for (int i = 0; i < place.size(); i++) {
      byPartition
          .computeIfAbsent(
              place.partition(i), p -> new PriorityQueue<>(Comparator.comparingLong(Due::sequence)))
          .add(new Due(consumer, place.sequence(i)));
    }
  }

  /** Those who have not seen this message stand where the copy has come to. */
  void before(Message message, Cursor copy) {
    PriorityQueue<Due> due = byPartition.get(message.partition());
    while (due != null && !due.isEmpty() && due.element().sequence() < message.sequence()) {
      settle(due.remove().consumer(), copy);
    }
  }

  /** All has been copied: who is left has seen it all. */
  void atTheEnd(Cursor copy) {
    List.copyOf(waiting).forEach(consumer -> settle(consumer, copy));
    settled.addAll(asTheyAre);
    asTheyAre.clear();
  }

  private void settle(Waiting consumer, Cursor copy) {
    if (waiting.remove(consumer)) {
      settled.add(Append.of(consumer.topic(), Consumers.TYPE, Payload.of(copy.toString())));
    }
  }

  /** Those who were settled since the last call. */
  List<Append> takeSettled() {
    List<Append> taken = List.copyOf(settled);
    settled.clear();
    return taken;
  }
}
