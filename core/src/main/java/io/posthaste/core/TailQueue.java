package io.posthaste.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which feeds hold which share of the memory for tails, oldest message first. An entry of a feed
 * that was closed meanwhile keeps its weight until its turn: so the queue itself is bounded by the
 * same budget. Not thread-safe.
 */
final class TailQueue {
  private @Nullable Feed[] feeds = new @Nullable Feed[64];
  private int[] weights = new int[64];
  private int first;
  private int size;
  private long bytes;

  long bytes() {
    return bytes;
  }

  void add(Feed feed, int weight) {
    if (size == feeds.length) {
      grow();
    }
    int at = first + size & feeds.length - 1;
    feeds[at] = feed;
    weights[at] = weight;
    size++;
    bytes += weight;
  }

  @Nullable Feed poll() {
    if (size == 0) {
      return null;
    }
    Feed feed = feeds[first];
    feeds[first] = null;
    bytes -= weights[first];
    first = first + 1 & feeds.length - 1;
    size--;
    return feed;
  }

  private void grow() {
    int old = feeds.length;
    @Nullable Feed[] moreFeeds = Arrays.copyOf(feeds, old * 2);
    int[] moreWeights = Arrays.copyOf(weights, old * 2);
    // The stretch before `first` wrapped around: it goes on behind the old end.
    System.arraycopy(feeds, 0, moreFeeds, old, first);
    System.arraycopy(weights, 0, moreWeights, old, first);
    Arrays.fill(moreFeeds, 0, first, null);
    feeds = moreFeeds;
    weights = moreWeights;
  }
}
