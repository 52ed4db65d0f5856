package io.posthaste.core;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The readers of one topic or pattern in one partition, and its recent messages: the <em>tail</em>,
 * from which everybody who is nearly caught up is served without asking the log.
 *
 * <p>The tail's promise: it holds every message of the feed above its <em>floor</em> that is
 * committed and at or below the partition's {@link Tails#tailed}. A cursor at or above the floor
 * needs no log.
 *
 * <p>Locking: the tail and the count of readers are guarded by the feed's monitor, held for a few
 * copies of references. {@link #byShard} belongs, element by element, to the shards' threads.
 */
final class Feed {
  private static final long FLOOR_UNKNOWN = Long.MAX_VALUE;
  private static final int FIRST_CAPACITY = 4;
  private static final Message[] NOTHING = {};

  final TopicPattern pattern;
  final int partition;

  /** The readers on each shard; an element is touched by its shard's thread only. */
  final @Nullable FeedReaders[] byShard;

  /** One bit for each shard that has readers here. Written under the monitor. */
  private volatile long shards;

  /** Done when the floor is known; null while it is. Fails with the feed. */
  private volatile @Nullable CompletableFuture<Void> opening = new CompletableFuture<>();

  /**
   * The last batch of commits that touched this feed; belongs to the partition's committing thread.
   */
  long touchedIn = -1;

  private final boolean exact;
  private @Nullable Message @Nullable [] ring;
  private int first;
  private int size;
  private long floor = FLOOR_UNKNOWN;
  private long last;
  private long evicted; // the last message that was given up
  private boolean hearing; // the engine tells of what is committed
  private int interruptions;
  private int readers;
  private boolean closed;
  private long idleSinceMillis;
  private boolean idleQueued;

  Feed(TopicPattern pattern, int partition, int shardCount) {
    this.pattern = pattern;
    this.partition = partition;
    this.exact = pattern.isTopic();
    this.byShard = new @Nullable FeedReaders[shardCount];
  }

  /** Null if the tail's floor is known already, else done when it is, or failed. */
  @Nullable CompletableFuture<Void> opening() {
    return opening;
  }

  /**
   * The engine tells of the feed's commits from now on, so it is time to ask for the log's head.
   *
   * @return what to {@link #open} with; -1 if the feed was closed meanwhile
   */
  synchronized int hears() {
    hearing = !closed;
    return hearing ? interruptions : -1;
  }

  /** Whether the engine was found to tell of the feed's commits before it was closed. */
  synchronized boolean isHearing() {
    return hearing;
  }

  /**
   * From now on the tail holds what is above the head.
   *
   * @param asked how often the tail had been interrupted when the head was asked for; if it was
   *     since, the answer is worthless and another is under way
   */
  void open(long head, int asked) {
    CompletableFuture<Void> done;
    synchronized (this) {
      if (asked != interruptions || closed) {
        return;
      }
      done = opening;
      floor = Math.max(head, evicted);
      while (size > 0 && oldest().sequence() <= floor) {
        removeOldest();
      }
      opening = null;
    }
    if (done != null) {
      done.complete(null);
    }
  }

  /**
   * The log would not tell its head: whoever waits for the feed fails, and it is not used again.
   *
   * @param asked as with {@link #open}
   * @return whether that was so: an answer that is worthless does no harm
   */
  boolean fail(Throwable cause, int asked) {
    CompletableFuture<Void> failed;
    synchronized (this) {
      if (asked != interruptions || closed) {
        return false;
      }
      closed = true;
      failed = opening;
    }
    if (failed != null) {
      failed.completeExceptionally(cause);
    }
    return true;
  }

  /** The engine would not tell of the feed's commits: as if the log did not tell its head. */
  void fail(Throwable cause) {
    CompletableFuture<Void> failed;
    synchronized (this) {
      closed = true;
      failed = opening;
    }
    if (failed != null) {
      failed.completeExceptionally(cause);
    }
  }

  long shards() {
    return shards;
  }

  /**
   * Adds a reader that lives on a shard; false if the feed was closed meanwhile and another is to
   * be had.
   */
  synchronized boolean acquire(int shard) {
    if (closed) {
      return false;
    }
    readers++;
    shards |= 1L << shard;
    return true;
  }

  /**
   * Takes a reader away.
   *
   * @return whether the feed is now without readers and not yet waiting to be closed for that:
   *     queue it
   */
  synchronized boolean release(int shard, boolean lastOfShard, long nowMillis) {
    readers--;
    if (lastOfShard) {
      shards &= ~(1L << shard);
    }
    idleSinceMillis = nowMillis;
    boolean queue = readers == 0 && !idleQueued && !closed;
    idleQueued |= queue;
    return queue;
  }

  /** What is to be done with a feed whose turn in the queue of idle ones has come. */
  enum Idle {
    IN_USE,
    WAIT,
    CLOSED
  }

  /** Closes the feed if it has had no readers since that time. */
  synchronized Idle closeIfIdleSince(long timeMillis) {
    if (readers > 0) {
      idleQueued = false;
      return Idle.IN_USE;
    }
    if (idleSinceMillis > timeMillis) {
      return Idle.WAIT;
    }
    closed = true;
    ring = null;
    size = 0;
    return Idle.CLOSED;
  }

  synchronized int readers() {
    return readers;
  }

  /** Adds a committed message to the tail. Called by the partition's committing thread. */
  synchronized void append(Message message) {
    if (closed) {
      return;
    }
    if (size == 0
        && exact
        && floor != FLOOR_UNKNOWN
        && message.previous() >= 0
        && message.previous() < floor) {
      floor = message.previous();
    }
    @Nullable Message[] to = ring;
    if (to == null) {
      to = new @Nullable Message[FIRST_CAPACITY];
      ring = to;
      first = 0;
    } else if (size == to.length) {
      @Nullable Message[] larger = new @Nullable Message[size * 2];
      int run = Math.min(size, to.length - first);
      System.arraycopy(to, first, larger, 0, run);
      System.arraycopy(to, 0, larger, run, size - run);
      to = larger;
      ring = to;
      first = 0;
    }
    to[first + size & to.length - 1] = message;
    size++;
    last = message.sequence();
  }

  /** Gives up the oldest message of the tail. */
  synchronized void evictOldest() {
    if (size > 0) {
      evicted = oldest().sequence();
      floor = Math.max(floor, evicted);
      removeOldest();
    }
  }

  /**
   * The tail can no longer be trusted: until it is opened anew, readers wait for that.
   *
   * @return what to {@link #open} with; -1 if whoever began the feed is still to do so
   */
  synchronized int interrupt() {
    ring = null;
    size = 0;
    floor = FLOOR_UNKNOWN;
    if (opening == null) {
      opening = new CompletableFuture<>();
    }
    interruptions++;
    return hearing && !closed ? interruptions : -1;
  }

  /**
   * The log was read from a cursor up to a place and had nothing for this feed, nor a gap: the
   * floor can be lower than it is, so that the next reader with such a cursor needs no log.
   */
  synchronized void nothingBetween(long cursor, long through) {
    if (floor <= through && cursor < floor) {
      floor = cursor;
    }
  }

  synchronized long floor() {
    return floor;
  }

  /** Whether the log has nothing for this feed above the cursor, as far as the tail was told. */
  synchronized boolean isQuietAfter(long cursor) {
    return floor <= cursor && (size == 0 || last <= cursor);
  }

  /** Messages above the cursor, at most so many; null if the cursor is below the floor. */
  synchronized Message @Nullable [] after(long cursor, int max) {
    return cursor < floor ? null : copyAfter(cursor, max);
  }

  /** As {@link #after}, but from the floor if the cursor is below it. */
  synchronized Batch batchAfter(long cursor, int max) {
    Message[] messages = copyAfter(Math.max(cursor, floor), max);
    boolean more = messages.length > 0 && messages[messages.length - 1].sequence() < last;
    return new Batch(messages, floor, more);
  }

  /**
   * A stretch of a tail.
   *
   * @param messages in order; not to be changed
   * @param floor readers below it must ask the log
   * @param more whether the tail goes on
   */
  record Batch(Message[] messages, long floor, boolean more) {}

  private Message[] copyAfter(long cursor, int max) {
    @Nullable Message[] from = ring;
    if (from == null || size == 0 || last <= cursor) {
      return NOTHING;
    }
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = low + high >>> 1;
      Message message = from[first + middle & from.length - 1];
      if (message != null && message.sequence() <= cursor) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    Message[] copy = new Message[Math.min(size - low, max)];
    for (int i = 0; i < copy.length; i++) {
      Message message = from[first + low + i & from.length - 1];
      if (message == null) {
        throw new AssertionError("hole in the tail of " + pattern);
      }
      copy[i] = message;
    }
    return copy;
  }

  private Message oldest() {
    @Nullable Message[] from = ring;
    Message oldest = from == null ? null : from[first];
    if (oldest == null) {
      throw new AssertionError("empty tail of " + pattern);
    }
    return oldest;
  }

  private void removeOldest() {
    @Nullable Message[] from = ring;
    if (from == null) {
      return;
    }
    from[first] = null;
    first = first + 1 & from.length - 1;
    size--;
    if (size == 0 && from.length > FIRST_CAPACITY) {
      ring = null;
    }
  }

  @Override
  public String toString() {
    return pattern + " in partition " + partition + ", shards " + Arrays.toString(byShard);
  }
}
