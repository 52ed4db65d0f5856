package io.posthaste.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All feeds: found by topic or pattern, filled with what is committed, closed some seconds after
 * their last reader has gone (so that long polls, which come and go, do not churn the engine's
 * interest).
 *
 * <p>The two steps of a commit and the registration of a reader meet without a lock around both: a
 * commit fills tails, then publishes {@link #tailed}, then reads which shards to wake; a reader
 * first marks its shard on the feed, then reads {@code tailed} and the tail. Whichever order they
 * meet in, the reader either finds the message in the tail or is woken for it, and a sequence seen
 * twice is dropped.
 */
final class Tails implements CommitListener {
  private final Log log;
  private final List<Shard> shards;
  private final long maxBytes;
  private final long lingerMillis;
  private final LongSupplier clockMillis;

  private final ConcurrentHashMap<String, Feed> exact = new ConcurrentHashMap<>();
  private final Map<String, Feed> wildcards =
      new HashMap<>(); // "partition pattern"; guarded by itself, as the trees are
  private final PatternTree[] trees;
  private volatile int wildcardCount;

  private final TailQueue queue = new TailQueue(); // guarded by itself
  private final Queue<Feed> idle = new ConcurrentLinkedQueue<>();

  private final AtomicLongArray tailed;
  private final AtomicLongArray posted;
  private final Committing[] committing;

  private @Nullable Interest interest;

  /** What the committing thread of a partition remembers between the two steps of a commit. */
  private static final class Committing {
    long batch;
    final List<Feed> touched = new ArrayList<>();
  }

  Tails(Log log, List<Shard> shards, long maxBytes, long lingerMillis, LongSupplier clockMillis) {
    this.log = log;
    this.shards = shards;
    this.maxBytes = maxBytes;
    this.lingerMillis = lingerMillis;
    this.clockMillis = clockMillis;
    int partitions = 1 + log.partitions().get(log.partitions().size() - 1);
    this.tailed = new AtomicLongArray(partitions);
    this.posted = new AtomicLongArray(partitions);
    this.trees = new PatternTree[partitions];
    this.committing = new Committing[partitions];
    for (int i = 0; i < partitions; i++) {
      trees[i] = new PatternTree();
      committing[i] = new Committing();
    }
  }

  void follow() {
    interest = log.follow(this);
  }

  /** The sequence of a partition up to which everything that is committed stands in the tails. */
  long tailed(int partition) {
    return tailed.get(partition);
  }

  /** The sequence of a partition up to which every shard has been sent what concerns it. */
  long posted(int partition) {
    return posted.get(partition);
  }

  int feedCount() {
    return exact.size() + wildcardCount;
  }

  long tailBytes() {
    synchronized (queue) {
      return queue.bytes();
    }
  }

  /** The feed of a plain topic if there is one at the moment. */
  @Nullable Feed peek(String topic) {
    return exact.get(topic);
  }

  /** Every feed that has the topic. */
  List<Feed> feedsOf(Topic topic) {
    List<Feed> feeds = new ArrayList<>();
    Feed own = exact.get(topic.name());
    if (own != null) {
      feeds.add(own);
    }
    synchronized (wildcards) {
      for (PatternTree tree : trees) {
        tree.forEachMatch(topic, feeds::add);
      }
    }
    return feeds;
  }

  /**
   * The feed, made if need be, with one more reader on that shard. Give it back with {@link
   * #release}.
   */
  Feed acquire(TopicPattern pattern, int partition, int shard) {
    boolean plain = pattern.isTopic();
    while (true) {
      Feed feed = plain ? exact.get(pattern.text()) : wildcard(pattern, partition);
      if (feed == null) {
        feed = new Feed(pattern, partition, shards.size());
        Feed other = exact.putIfAbsent(pattern.text(), feed);
        if (other == null) {
          begin(feed);
        } else {
          feed = other;
        }
      }
      if (feed.acquire(shard)) {
        return feed;
      }
      forget(feed);
    }
  }

  private Feed wildcard(TopicPattern pattern, int partition) {
    Feed fresh;
    synchronized (wildcards) {
      String key = partition + " " + pattern.text();
      Feed feed = wildcards.get(key);
      if (feed != null) {
        return feed;
      }
      fresh = new Feed(pattern, partition, shards.size());
      wildcards.put(key, fresh);
      trees[partition].put(pattern, fresh);
      wildcardCount = wildcards.size();
    }
    begin(fresh);
    return fresh;
  }

  private void begin(Feed feed) {
    Interest following = interest;
    if (following == null) {
      throw new IllegalStateException("not following the log yet");
    }
    following
        .add(feed.pattern)
        .thenCompose(added -> log.head(feed.partition))
        .whenComplete(
            (head, failure) -> {
              if (failure == null) {
                feed.open(head);
              } else {
                feed.fail(failure);
              }
            });
  }

  private void forget(Feed feed) {
    boolean removed;
    if (feed.pattern.isTopic()) {
      removed = exact.remove(feed.pattern.text(), feed);
    } else {
      synchronized (wildcards) {
        removed = wildcards.remove(feed.partition + " " + feed.pattern.text(), feed);
        if (removed) {
          trees[feed.partition].remove(feed.pattern);
          wildcardCount = wildcards.size();
        }
      }
    }
    Interest following = interest;
    if (removed && following != null) {
      following.remove(feed.pattern);
    }
  }

  void release(Feed feed, int shard, boolean lastOfShard) {
    if (feed.release(shard, lastOfShard, clockMillis.getAsLong())) {
      idle.add(feed);
    }
  }

  /**
   * Closes feeds that have had no reader for the lingering time. Called about every second by one
   * thread.
   */
  void closeIdle() {
    long since = clockMillis.getAsLong() - lingerMillis;
    for (int left = idle.size(); left > 0; left--) {
      Feed feed = idle.poll();
      if (feed == null) {
        return;
      }
      switch (feed.closeIfIdleSince(since)) {
        case WAIT -> idle.add(feed);
        case CLOSED -> forget(feed);
        default -> {}
      }
    }
  }

  @Override
  public void onCommit(int partition, List<Message> messages, long head) {
    Committing here = committing[partition];
    for (Message message : messages) {
      Feed feed = exact.get(message.topic().name());
      if (feed != null) {
        append(here, feed, message);
      }
      if (wildcardCount > 0) {
        synchronized (wildcards) {
          trees[partition].forEachMatch(message.topic(), match -> append(here, match, message));
        }
      }
    }
    tailed.set(partition, head);
  }

  private void append(Committing here, Feed feed, Message message) {
    feed.append(message);
    synchronized (queue) {
      queue.add(feed, message.weight());
      while (queue.bytes() > maxBytes) {
        Feed oldest = queue.poll();
        if (oldest == null) {
          break;
        }
        oldest.evictOldest();
      }
    }
    if (feed.touchedIn != here.batch) {
      feed.touchedIn = here.batch;
      here.touched.add(feed);
    }
  }

  @Override
  public void onAcknowledged(int partition) {
    Committing here = committing[partition];
    long head = tailed.get(partition);
    if (!here.touched.isEmpty()) {
      Feed[] touched = here.touched.toArray(new Feed[0]);
      here.touched.clear();
      here.batch++;
      long wanted = 0;
      for (Feed feed : touched) {
        wanted |= feed.shards();
      }
      for (Shard shard : shards) {
        if ((wanted & 1L << shard.index()) != 0) {
          shard.postCommits(partition, touched, head);
        }
      }
    }
    posted.set(partition, head);
  }

  @Override
  public void onInterrupted(int partition) {
    long head = tailed.get(partition);
    List<Feed> feeds = new ArrayList<>();
    for (Feed feed : exact.values()) {
      if (feed.partition == partition) {
        feeds.add(feed);
      }
    }
    synchronized (wildcards) {
      for (Feed feed : wildcards.values()) {
        if (feed.partition == partition) {
          feeds.add(feed);
        }
      }
    }
    for (Feed feed : feeds) {
      feed.interrupt(head);
    }
    Feed[] interrupted = feeds.toArray(new Feed[0]);
    for (Shard shard : shards) {
      shard.postInterrupted(interrupted);
    }
  }

  void close() {
    Interest following = interest;
    if (following != null) {
      following.close();
    }
  }
}
