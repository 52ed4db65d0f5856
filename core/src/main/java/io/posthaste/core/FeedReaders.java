package io.posthaste.core;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The readers of one feed that live on one shard. Readers of this feed alone are served in passes:
 * a stretch of the tail is taken once and given to each of them in turn, a slice at a time, newest
 * reader first. What is committed during a pass waits for the next one, so that a loop which is
 * behind gathers and each reader is written to once for many messages.
 */
final class FeedReaders implements Work {
  private static final int FIRST_CAPACITY = 1;

  /** As many messages as one pass gives to a reader. */
  private static final int BATCH_MESSAGES = 256;

  private final Feed feed;

  private @Nullable SingleReader[] singles = new @Nullable SingleReader[FIRST_CAPACITY];
  private int singleCount;

  // Readers of several feeds, and beside each the index that this feed has among them.
  private @Nullable MergedReader @Nullable [] merged;
  private int @Nullable [] mergedFeed;
  private int mergedCount;

  private long passed; // every live single reader stands at or above it
  private Feed.@Nullable Batch batch; // of the pass under way
  private int next; // singles below it are still to be served in this pass
  private boolean queued;
  private boolean again;

  FeedReaders(Feed feed) {
    this.feed = feed;
  }

  boolean isEmpty() {
    return singleCount == 0 && mergedCount == 0;
  }

  int size() {
    return singleCount + mergedCount;
  }

  void add(SingleReader reader) {
    if (singleCount == singles.length) {
      singles = Arrays.copyOf(singles, singleCount * 2);
    }
    reader.slot = singleCount;
    singles[singleCount++] = reader;
  }

  void remove(SingleReader reader) {
    int slot = reader.slot;
    SingleReader moved = singles[--singleCount];
    singles[singleCount] = null;
    if (moved != null && moved != reader) {
      singles[slot] = moved;
      moved.slot = slot;
    }
    if (singles.length > 16 && singleCount < singles.length / 4) {
      singles = Arrays.copyOf(singles, singles.length / 2);
    }
  }

  /** Adds a reader of several feeds; returns its slot. */
  int add(MergedReader reader, int feedIndex) {
    @Nullable MergedReader[] readers = merged;
    int[] indexes = mergedFeed;
    if (readers == null || indexes == null) {
      readers = new @Nullable MergedReader[FIRST_CAPACITY];
      indexes = new int[FIRST_CAPACITY];
    } else if (mergedCount == readers.length) {
      readers = Arrays.copyOf(readers, mergedCount * 2);
      indexes = Arrays.copyOf(indexes, mergedCount * 2);
    }
    readers[mergedCount] = reader;
    indexes[mergedCount] = feedIndex;
    merged = readers;
    mergedFeed = indexes;
    return mergedCount++;
  }

  void removeMerged(int slot) {
    @Nullable MergedReader[] readers = merged;
    int[] indexes = mergedFeed;
    if (readers == null || indexes == null) {
      return;
    }
    int last = --mergedCount;
    MergedReader moved = readers[last];
    if (slot != last && moved != null) {
      readers[slot] = moved;
      indexes[slot] = indexes[last];
      moved.moved(indexes[last], slot);
    }
    readers[last] = null;
    if (readers.length > 16 && mergedCount < readers.length / 4) {
      merged = Arrays.copyOf(readers, readers.length / 2);
      mergedFeed = Arrays.copyOf(indexes, readers.length / 2);
    }
  }

  /** A reader has everything up to its place: if it is alone, passes need not begin before that. */
  void onLive(long place) {
    if (singleCount == 1 && batch == null && place > passed) {
      passed = place;
    }
  }

  /** Something was committed to the feed. */
  void onCommit(Shard shard) {
    if (singleCount > 0) {
      again = true;
      if (!queued) {
        queued = true;
        shard.enqueue(this);
      }
    }
    @Nullable MergedReader[] readers = merged;
    int[] indexes = mergedFeed;
    if (readers != null && indexes != null) {
      for (int i = 0; i < mergedCount; i++) {
        MergedReader reader = readers[i];
        if (reader != null) {
          reader.markDirty(indexes[i]);
        }
      }
    }
  }

  /** The tail was interrupted: everybody reads the log. */
  void onInterrupted() {
    forEach(SingleReader::onInterrupted, MergedReader::onInterrupted);
  }

  /** Ends all readers. */
  void fail(LogException why) {
    forEach(reader -> reader.fail(why), reader -> reader.fail(why));
  }

  /** Calls for each reader; it may go, and others with it. */
  private void forEach(Consumer<SingleReader> one, Consumer<MergedReader> other) {
    for (int i = singleCount - 1; i >= 0; i--) {
      SingleReader reader = i < singleCount ? singles[i] : null;
      if (reader != null) {
        one.accept(reader);
      }
    }
    for (int i = mergedCount - 1; i >= 0; i--) {
      @Nullable MergedReader[] readers = merged;
      MergedReader reader = readers != null && i < mergedCount ? readers[i] : null;
      if (reader != null) {
        other.accept(reader);
      }
    }
  }

  @Override
  public int work(int budget) {
    Feed.Batch current = batch;
    if (current == null) {
      again = false;
      current = feed.batchAfter(passed, BATCH_MESSAGES);
      again |= current.more();
      batch = current;
      next = singleCount;
    }
    int done = 0;
    // Downwards, because removal moves the last reader into the gap: one that was served already.
    next = Math.min(next, singleCount);
    while (next > 0 && done < budget) {
      SingleReader reader = singles[--next];
      if (reader != null) {
        give(current, reader);
      }
      next = Math.min(next, singleCount);
      done++;
    }
    if (next == 0) {
      Message[] messages = current.messages();
      if (messages.length > 0) {
        passed = messages[messages.length - 1].sequence();
      }
      batch = null;
    }
    return done;
  }

  private static void give(Feed.Batch current, SingleReader reader) {
    try {
      reader.onBatch(current);
    } catch (RuntimeException | Error e) {
      reader.broke(e);
    }
  }

  @Override
  public boolean hasMore() {
    boolean more = batch != null || again && singleCount > 0;
    queued = more;
    return more;
  }

  /**
   * Tells each reader's place, for inspection: how many stand below the sequence, and the lowest.
   */
  long[] behind(long sequence) {
    long count = 0;
    long lowest = Long.MAX_VALUE;
    for (int i = 0; i < singleCount; i++) {
      SingleReader reader = singles[i];
      if (reader != null && reader.place() < sequence) {
        count++;
        lowest = Math.min(lowest, reader.place());
      }
    }
    @Nullable MergedReader[] readers = merged;
    for (int i = 0; readers != null && i < mergedCount; i++) {
      MergedReader reader = readers[i];
      if (reader != null && reader.place(feed.partition) < sequence) {
        count++;
        lowest = Math.min(lowest, reader.place(feed.partition));
      }
    }
    return new long[] {count, lowest};
  }
}
