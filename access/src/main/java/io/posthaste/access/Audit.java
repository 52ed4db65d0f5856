package io.posthaste.access;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Log;
import io.posthaste.core.Topic;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who changed what, from where, by which door, when: a message of {@code $audit/access} for each
 * change of who may what, written once the change is in the log, and now and then one for proofs
 * that failed. Never holds a secret. Should a server die between a change and its message, the
 * change's own message still says who made it. Thread-safe.
 */
final class Audit {
  static final Topic TOPIC = new Topic("$audit/access");

  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);
  private static final long FAILURES_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MOST_NAMED = 20;
  private static final int MOST_ID_CHARS = 128;

  private final Log log;
  private final Map<String, Integer> failures = new TreeMap<>(); // by whom they said that they were
  private final Map<String, Integer> places = new TreeMap<>(); // by where they were from
  private final LongAdder allFailed = new LongAdder();
  private int failed; // since the last time
  private long toldNanos = System.nanoTime();

  Audit(Log log) {
    this.log = log;
  }

  /**
   * Something was changed.
   *
   * @param what in a word, as in {@code grant.add}
   * @param details what about; taken over
   */
  void changed(Actor by, String what, ObjectNode details) {
    ObjectNode entry = Records.object().put("what", what).put("by", by.by());
    if (!by.from().isEmpty()) {
      entry.put("from", by.from());
    }
    entry.put("door", by.door());
    entry.setAll(details);
    write(entry);
  }

  /**
   * Somebody could not prove that he was whom he said.
   *
   * @param from null where it is not known
   */
  void failed(String id, @Nullable InetAddress from) {
    allFailed.increment();
    synchronized (this) {
      failed++;
      count(failures, id.length() > MOST_ID_CHARS ? id.substring(0, MOST_ID_CHARS) : id);
      if (from != null) {
        count(places, from.getHostAddress());
      }
    }
  }

  private static void count(Map<String, Integer> named, String name) {
    if (named.size() < MOST_NAMED || named.containsKey(name)) {
      named.merge(name, 1, Integer::sum);
    }
  }

  /** How many could not, since the start. */
  long failed() {
    return allFailed.sum();
  }

  /** Tells of the failures since the last time, if there were any and that is some time ago. */
  void tellFailures() {
    ObjectNode entry = Records.object().put("what", "proof.failed");
    synchronized (this) {
      if (failed == 0 || System.nanoTime() - toldNanos < FAILURES_EVERY_NANOS) {
        return;
      }
      entry.put("count", failed);
      ObjectNode named = entry.putObject("as");
      failures.forEach(named::put);
      failures.clear();
      ObjectNode addresses = entry.putObject("from");
      places.forEach(addresses::put);
      places.clear();
      failed = 0;
      toldNanos = System.nanoTime();
    }
    write(entry);
  }

  private void write(ObjectNode entry) {
    log.append(List.of(Append.of(TOPIC, Records.TYPE, Records.payload(entry))))
        .whenComplete(
            (outcomes, failure) -> {
              if (failure != null || !(outcomes.get(0) instanceof Appended.Stored)) {
                LOG.warn(
                    "not written to the audit entry={} reason={}",
                    entry,
                    failure == null ? outcomes : failure.toString());
              }
            });
  }
}
