package io.posthaste.engine.rocksdb;

import io.posthaste.core.Policy;

/** What the writer knows of a topic. Confined to the writer's thread. */
final class TopicTail {
  final byte[] name;
  final Policy policy;

  /** The newest message's place; 0 if there is none. */
  long latest;

  boolean deleted;

  /** Of the newest message, as in {@link Layout.Entry}. */
  long number;

  long total;

  /** Of what is no longer kept: the number and total of the last that is gone, 0 if none. */
  long goneNumber;

  long goneTotal;

  /** Whether the keeper was told that this topic holds too much. */
  boolean reported;

  TopicTail(byte[] name, Policy policy) {
    this.name = name;
    this.policy = policy;
  }

  /** Whether count or bytes ask for the oldest to go. */
  boolean overfull() {
    long count = number - goneNumber;
    return count > 1 && (count > policy.count() || total - goneTotal > policy.bytes());
  }
}
