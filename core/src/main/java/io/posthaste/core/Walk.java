package io.posthaste.core;

/** A walk over the messages of one topic, forward by 1 or backward by -1. */
final class Walk {
  private final MemoryTopic topic;
  private final int step;
  private int index;

  Walk(MemoryTopic topic, int index, int step) {
    this.topic = topic;
    this.index = index;
    this.step = step;
  }

  Message next() {
    return topic.at(index);
  }

  /** Goes on; false if there is no further message. */
  boolean advance() {
    index += step;
    return index >= 0 && index < topic.size();
  }
}
