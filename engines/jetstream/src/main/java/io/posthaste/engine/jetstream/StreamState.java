package io.posthaste.engine.jetstream;

import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.util.HashMap;
import java.util.Map;

/**
 * What a stream's leader says of it.
 *
 * @param first the sequence of the oldest message held; one above {@code last} if none is
 * @param last the highest sequence ever given
 * @param messages how many it holds
 * @param subjects how many messages each subject has that was asked about
 * @param allSubjects how many subjects match what was asked about, if they were too many for one
 *     answer
 */
record StreamState(
    long first, long last, long messages, Map<String, Long> subjects, int allSubjects) {
  static StreamState of(JsonValue info) {
    JsonValue state = JsonValueUtils.readObject(info, "state");
    long last = JsonValueUtils.readLong(state, "last_seq", 0);
    Map<String, Long> subjects = new HashMap<>();
    JsonValue counts = JsonValueUtils.readValue(state, "subjects");
    if (counts != null && counts.map != null) {
      counts.map.forEach(
          (subject, count) -> subjects.put(subject, JsonValueUtils.getLong(count, 0)));
    }
    int total = JsonValueUtils.readInteger(info, "total", 0);
    long first = JsonValueUtils.readLong(state, "first_seq", 0);
    // A stream that has never held anything says 0.
    return new StreamState(
        Math.max(first, 1), last, JsonValueUtils.readLong(state, "messages", 0), subjects, total);
  }
}
