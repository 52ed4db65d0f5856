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
  /** So many idle feeds are looked at in one go: a million of them shall not stop a loop. */
  private static final int CLOSED_AT_ONCE = 20_000;

  private final Log log;
  private final List<Shard> shards;
  private final long maxBytes;
  private final long lingerMillis;
  private final LongSupplier clockMillis;

  private final ConcurrentHashMap<String, Feed> exact = new ConcurrentHashMap<>();
  private final Map<String, Feed> wildcards =
      new HashMap<>(); // "partition pattern"; guarded by itself, as the trees are
  private final List<PatternTree<Feed>> trees = new ArrayList<>(); // by partition
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
    this.committing = new Committing[partitions];
    for (int i = 0; i < partitions; i++) {
      trees.add(new PatternTree<>());
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
      for (PatternTree<Feed> tree : trees) {
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
    while (true) {
      Feed feed = find(pattern, partition);
      if (feed == null) {
        Feed fresh = new Feed(pattern, partition, shards.size());
        fresh.acquire(shard);
        feed = putIfAbsent(fresh);
        if (feed == null) {
          // If the engine refuses, the reader is told so as it waits for the feed to open.
          begin(fresh);
          return fresh;
        }
      }
      if (feed.acquire(shard)) {
        return feed;
      }
      forget(feed);
    }
  }

  private @Nullable Feed find(TopicPattern pattern, int partition) {
    if (pattern.isTopic()) {
      return exact.get(pattern.text());
    }
    synchronized (wildcards) {
      return wildcards.get(key(pattern, partition));
    }
  }

  private @Nullable Feed putIfAbsent(Feed fresh) {
    if (fresh.pattern.isTopic()) {
      return exact.putIfAbsent(fresh.pattern.text(), fresh);
    }
    synchronized (wildcards) {
      Feed other = wildcards.putIfAbsent(key(fresh.pattern, fresh.partition), fresh);
      if (other == null) {
        trees.get(fresh.partition).put(fresh.pattern, fresh);
        wildcardCount = wildcards.size();
      }
      return other;
    }
  }

  private static String key(TopicPattern pattern, int partition) {
    return partition + " " + pattern.text();
  }

  private void begin(Feed feed) {
    Interest following = interest;
    if (following == null) {
      throw new IllegalStateException("not following the log yet");
    }
    following
        .add(feed.pattern)
        .whenComplete(
            (added, failure) -> {
              if (failure != null) {
                feed.fail(failure);
                forget(feed);
                return;
              }
              int asked = feed.hears();
              if (asked < 0) {
                following.remove(feed.pattern);
              } else {
                log.head(feed.partition)
                    .whenComplete((head, unknown) -> open(feed, asked, head, unknown));
              }
            });
  }

  private void open(Feed feed, int asked, @Nullable Long head, @Nullable Throwable failure) {
    if (head != null) {
      feed.open(head, asked);
    } else if (failure != null && feed.fail(failure, asked)) {
      forget(feed);
    }
  }

  /** Takes a closed feed away. */
  private void forget(Feed feed) {
    boolean removed;
    if (feed.pattern.isTopic()) {
      removed = exact.remove(feed.pattern.text(), feed);
    } else {
      synchronized (wildcards) {
        removed = wildcards.remove(key(feed.pattern, feed.partition), feed);
        if (removed) {
          trees.get(feed.partition).remove(feed.pattern);
          wildcardCount = wildcards.size();
        }
      }
    }
    Interest following = interest;
    // Interest that is not taken yet is given back when it is: see begin().
    if (removed && following != null && feed.isHearing()) {
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
    Feed firstToWait = null;
    for (int left = CLOSED_AT_ONCE; left > 0; left--) {
      Feed feed = idle.poll();
      if (feed == null) {
        return;
      }
      if (feed == firstToWait) {
        idle.add(feed);
        return;
      }
      switch (feed.closeIfIdleSince(since)) {
        case WAIT -> {
          idle.add(feed);
          firstToWait = firstToWait == null ? feed : firstToWait;
        }
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
          trees.get(partition).forEachMatch(message.topic(), match -> append(here, match, message));
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
    List<Feed> feeds = feeds().stream().filter(feed -> feed.partition == partition).toList();
    int[] asked = feeds.stream().mapToInt(Feed::interrupt).toArray();
    Feed[] interrupted = feeds.toArray(new Feed[0]);
    for (Shard shard : shards) {
      shard.postInterrupted(interrupted);
    }
    // What was lost stands at or below the head of now, so tails can be trusted above it.
    log.head(partition)
        .whenComplete(
            (head, failure) -> {
              for (int i = 0; i < asked.length; i++) {
                if (asked[i] >= 0) {
                  open(interrupted[i], asked[i], head, failure);
                }
              }
            });
  }

  /** Every feed there is. */
  List<Feed> feeds() {
    List<Feed> feeds = new ArrayList<>(exact.values());
    synchronized (wildcards) {
      feeds.addAll(wildcards.values());
    }
    return feeds;
  }

  void close() {
    Interest following = interest;
    if (following != null) {
      following.close();
    }
  }
}
