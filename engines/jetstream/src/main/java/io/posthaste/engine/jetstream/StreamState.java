package io.posthaste.engine.jetstream;

import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
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
 * @param leader the server that says so; empty outside a cluster
 * @param ledUntilNanos until when, by {@link System#nanoTime}, no other server can have been
 *     elected
 */
record StreamState(
    long first,
    long last,
    long messages,
    Map<String, Long> subjects,
    int allSubjects,
    String leader,
    long ledUntilNanos) {
  private static final int NO_LEADER = 503;

  /** Servers that have not heard from their leader wait at least so long before they elect. */
  private static final long ELECTED_NANOS = Duration.ofSeconds(4).toNanos();

  /** A server that has heard from a majority within this time leads. */
  private static final long LEADS_NANOS = Duration.ofSeconds(3).toNanos();

  /**
   * Reads an answer.
   *
   * @param askedNanos when it was asked for, by {@link System#nanoTime}
   * @throws Wire.ApiError if it is not that of a leader. While a stream has none, each of its
   *     servers says what it has itself, which may be less than others have; and one that was cut
   *     off from the others believes for some seconds that it leads.
   */
  static StreamState of(JsonValue info, long askedNanos) {
    JsonValue cluster = JsonValueUtils.readValue(info, "cluster");
    String leader = cluster == null ? "" : JsonValueUtils.readString(cluster, "leader", "");
    if (cluster != null && (leader.isEmpty() || !hasMajority(cluster))) {
      throw new Wire.ApiError(NO_LEADER, 0, "no server leads the stream at the moment");
    }
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
        Math.max(first, 1),
        last,
        JsonValueUtils.readLong(state, "messages", 0),
        subjects,
        total,
        leader,
        askedNanos + ELECTED_NANOS - LEADS_NANOS);
  }

  /** Whether it is certain that the same server leads still. */
  boolean isLed() {
    return ledUntilNanos - System.nanoTime() > 0;
  }

  private static boolean hasMajority(JsonValue cluster) {
    List<JsonValue> others = JsonValueUtils.readArray(cluster, "replicas");
    int heard = 1;
    for (JsonValue other : others) {
      long silentNanos = JsonValueUtils.readLong(other, "active", 0); // 0 if it was never heard
      if (silentNanos > 0 && silentNanos < LEADS_NANOS) {
        heard++;
      }
    }
    return 2 * heard > others.size() + 1;
  }
}
