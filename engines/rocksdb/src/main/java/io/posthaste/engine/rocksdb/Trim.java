package io.posthaste.engine.rocksdb;

import java.util.List;
import java.util.Map;

/**
 * Asks the writer to remove messages.
 *
 * @param victims the oldest of their topics, each topic's in rising order
 * @param marks what else to write with them, by name in the default column family
 * @param keyBucket idempotency keys of buckets below this one go; 0 for none
 * @param logThrough victims up to this sequence are all that the log has there, and go as one; 0 if
 *     they go one by one
 */
record Trim(List<Victim> victims, Map<String, Long> marks, int keyBucket, long logThrough) {
  static Trim of(List<Victim> victims) {
    return new Trim(List.copyOf(victims), Map.of(), 0, 0);
  }

  /**
   * A message that is to go.
   *
   * @param topic its topic
   * @param entry what the index says of it
   * @param last whether it was the newest of its topic when looked at
   */
  record Victim(String topic, Layout.Entry entry, boolean last) {}
}
