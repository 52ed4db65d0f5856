package io.posthaste.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * One event loop with the readers that live on it. Nothing in a shard is locked: its thread owns it
 * all. What a commit brings is done in slices, between which the loop sees to its sockets.
 */
public final class Shard {
  /**
   * About how many readers are served in a slice. A delivery costs up to 20 µs, so other topics and
   * the sockets wait a millisecond or so for the slice of a large one.
   */
  private static final int SLICE_READERS = 64;

  /** As many readers as a turn serves at the least, so that many feeds do not mean tiny turns. */
  private static final int TURN_READERS = 16;

  private static final long TICKS_A_BEAT = 1_000 / Wheel.TICK_MILLIS;
  private static final System.Logger LOGGER = System.getLogger(Shard.class.getName());

  private final Hub hub;
  private final int index;
  private final ScheduledExecutorService loop;
  private final Wheel wheel = new Wheel(System::nanoTime);
  private final Queue<Work> work = new ArrayDeque<>();
  private final long[] processed; // by partition
  private final ScheduledFuture<?> ticking;
  private boolean sliceScheduled;
  private long ticks;

  private volatile int readers; // written by the shard's thread only, as the two below
  private volatile int polls;
  private volatile long
      delivered; // as of the last tick: a volatile write a delivery would cost too much
  private long deliveredHere;
  private volatile int deadlines; // as of the last tick

  Shard(Hub hub, int index, ScheduledExecutorService loop, int partitions) {
    this.hub = hub;
    this.index = index;
    this.loop = loop;
    this.processed = new long[partitions];
    this.ticking =
        loop.scheduleAtFixedRate(
            this::tick, Wheel.TICK_MILLIS, Wheel.TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** The loop whose one thread owns the shard. */
  public ScheduledExecutorService loop() {
    return loop;
  }

  /** Deadlines of what lives on the shard. To be used by the shard's thread only. */
  public Wheel wheel() {
    return wheel;
  }

  /** How many readers live here now, held polls included and the server's own not. */
  public int readers() {
    return readers;
  }

  /** How many polls are not yet answered. */
  public int polls() {
    return polls;
  }

  /** How many times a message was given to a reader. */
  public long delivered() {
    return delivered;
  }

  /** How many deadlines were set on the wheel at the last tick. */
  public int deadlines() {
    return deadlines;
  }

  /**
   * Begins a reader. To be called by the shard's thread; the receiver hears nothing before this
   * returns.
   */
  public Reader subscribe(Subscription subscription, Receiver receiver) {
    Reader reader = register(subscription, receiver, hub.pageMessages());
    execute(() -> begin(reader, subscription));
    return reader;
  }

  /**
   * Begins a poll. To be called by the shard's thread; the listener may be answered before this
   * returns.
   *
   * @return ends the poll unanswered when closed, as when the client has gone
   */
  public PendingPoll poll(Poll poll, PollListener listener) {
    HeldPoll held = new HeldPoll(this, poll, listener);
    polls = polls + 1;
    Reader reader = register(poll.what(), held, poll.limit());
    held.begin(reader);
    begin(reader, poll.what());
    return held;
  }

  private Reader register(Subscription what, Receiver receiver, int pageMessages) {
    count(receiver, 1);
    List<Feed> feeds = new ArrayList<>(1);
    for (TopicPattern topics : what.topics()) {
      Feed known = hub.tails().peek(topics.text());
      if (known != null) {
        feeds.add(hub.tails().acquire(topics, known.partition, index));
      } else {
        for (int partition : hub.log().partitionsOf(topics)) {
          feeds.add(hub.tails().acquire(topics, partition, index));
        }
      }
    }
    if (feeds.size() == 1) {
      SingleReader reader =
          new SingleReader(this, receiver, feeds.get(0), what.onlyLatest(), pageMessages);
      readersOf(feeds.get(0)).add(reader);
      return reader;
    }
    MergedReader reader =
        new MergedReader(
            this, receiver, feeds.toArray(new Feed[0]), what.onlyLatest(), pageMessages);
    for (int i = 0; i < feeds.size(); i++) {
      reader.moved(i, readersOf(feeds.get(i)).add(reader, i));
    }
    return reader;
  }

  private static void begin(Reader reader, Subscription what) {
    try {
      if (reader instanceof SingleReader single) {
        single.begin(what);
      } else if (reader instanceof MergedReader merged) {
        merged.begin(what);
      }
    } catch (RuntimeException | Error e) {
      reader.broke(e);
    }
  }

  /** The readers of a feed on this shard. */
  FeedReaders readersOf(Feed feed) {
    FeedReaders here = feed.byShard[index];
    if (here == null) {
      here = new FeedReaders(feed);
      feed.byShard[index] = here;
    }
    return here;
  }

  void remove(SingleReader reader, Feed feed) {
    FeedReaders here = readersOf(feed);
    here.remove(reader);
    hub.tails().release(feed, index, here.isEmpty());
    count(reader.receiver, -1);
  }

  void remove(MergedReader reader) {
    Feed[] feeds = reader.feeds();
    for (int i = 0; i < feeds.length; i++) {
      FeedReaders here = readersOf(feeds[i]);
      here.removeMerged(reader.slot(i));
      hub.tails().release(feeds[i], index, here.isEmpty());
    }
    count(reader.receiver, -1);
  }

  private void count(Receiver receiver, int change) {
    if (!receiver.isServersOwn()) {
      readers = readers + change;
    }
  }

  void pollEnded() {
    polls = polls - 1;
  }

  void delivered(int messages) {
    deliveredHere += messages;
  }

  Hub hub() {
    return hub;
  }

  int index() {
    return index;
  }

  /**
   * The sequence of a partition up to which all that concerns this shard has marked its readers.
   */
  long processed(int partition) {
    return processed[partition];
  }

  /**
   * Runs something on the shard's thread; drops it if the loop has ended, and with it the shard.
   *
   * @return whether it will be run
   */
  public boolean execute(Runnable task) {
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException ended) {
      LOGGER.log(System.Logger.Level.DEBUG, "loop ended shard={0}", index);
      return false;
    }
  }

  /** The same for a step of a reader, which ends if its receiver throws. */
  void execute(Reader reader, Runnable step) {
    execute(
        () -> {
          try {
            step.run();
          } catch (RuntimeException | Error e) {
            reader.broke(e);
          }
        });
  }

  /** Something was committed to feeds that have readers here. Called by the committing thread. */
  void postCommits(int partition, Feed[] feeds, long head) {
    execute(() -> onCommits(partition, feeds, head));
  }

  private void onCommits(int partition, Feed[] feeds, long head) {
    processed[partition] = Math.max(processed[partition], head);
    for (Feed feed : feeds) {
      FeedReaders here = feed.byShard[index];
      if (here != null) {
        here.onCommit(this);
      }
    }
    if (!sliceScheduled) {
      slice();
    }
  }

  void postInterrupted(Feed[] feeds) {
    execute(
        () -> {
          for (Feed feed : feeds) {
            FeedReaders here = feed.byShard[index];
            if (here != null) {
              here.onInterrupted();
            }
          }
        });
  }

  void enqueue(Work task) {
    work.add(task);
    if (!sliceScheduled) {
      scheduleSlice();
    }
  }

  private void scheduleSlice() {
    sliceScheduled = true;
    try {
      // Not execute(): a loop runs what is executed before it looks at its sockets again.
      loop.schedule(this::scheduledSlice, 0, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException ended) {
      work.clear();
    }
  }

  private void scheduledSlice() {
    sliceScheduled = false;
    slice();
  }

  private void slice() {
    int budget = SLICE_READERS;
    // Everybody has one turn at the most, so that what is added meanwhile waits for the next slice,
    // and nobody takes the whole slice from those behind.
    for (int turns = work.size(); turns > 0 && budget > 0; turns--) {
      Work task = work.poll();
      if (task == null) {
        break;
      }
      budget -= run(task, Math.max(TURN_READERS, budget / turns));
      if (task.hasMore()) {
        work.add(task);
      }
    }
    if (!work.isEmpty() && !sliceScheduled) {
      scheduleSlice();
    }
  }

  private int run(Work task, int budget) {
    try {
      return task.work(budget);
    } catch (RuntimeException | Error e) {
      // The slices of everybody else must go on.
      LOGGER.log(System.Logger.Level.ERROR, "slice failed shard=" + index, e);
      return 1;
    }
  }

  private void tick() {
    try {
      wheel.advance();
      delivered = deliveredHere;
      deadlines = wheel.size();
      if (++ticks % TICKS_A_BEAT == 0) {
        beat();
      }
    } catch (RuntimeException | Error e) {
      // Thrown further, it would stop the ticks for ever.
      LOGGER.log(System.Logger.Level.ERROR, "tick failed shard=" + index, e);
    }
  }

  /** Moves idle readers' cursors on with the log. */
  private void beat() {
    for (int i = 0; i < processed.length; i++) {
      int partition = i;
      long posted = hub.tails().posted(partition);
      if (posted > processed[partition]) {
        // Behind whatever was posted up to there.
        execute(() -> processed[partition] = Math.max(processed[partition], posted));
      }
    }
    if (index == 0) {
      hub.tails().closeIdle();
    }
  }

  /**
   * What stands below a sequence among the readers of these feeds: how many, and the lowest place.
   */
  long[] behind(List<Feed> feeds, long sequence) {
    long count = 0;
    long lowest = Long.MAX_VALUE;
    for (Feed feed : feeds) {
      FeedReaders here = feed.byShard[index];
      if (here != null) {
        long[] behind = here.behind(sequence);
        count += behind[0];
        lowest = Math.min(lowest, behind[1]);
      }
    }
    return new long[] {count, lowest};
  }

  /** Ends whoever is left. */
  void close() {
    ticking.cancel(false);
    execute(
        () -> {
          LogException closed = new LogException("the hub is closed");
          for (Feed feed : hub.tails().feeds()) {
            FeedReaders here = feed.byShard[index];
            if (here != null) {
              here.fail(closed);
            }
          }
        });
  }

  @Override
  public String toString() {
    return "shard " + index;
  }
}
