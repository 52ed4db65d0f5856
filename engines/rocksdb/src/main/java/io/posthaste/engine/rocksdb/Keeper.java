package io.posthaste.engine.rocksdb;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.LogException;
import io.posthaste.core.Policies;
import io.posthaste.core.Policy;
import io.posthaste.core.Topic;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of what policies no longer keep, on a thread of its own: by count and bytes the topics
 * that the writer reports, by age along the log, by the limit of the disk from the oldest on. It
 * looks and the writer removes, piece by piece, so that the writer alone knows what is there, and
 * appends wait for one piece at most.
 */
final class Keeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

  /** Messages that go in one piece. */
  private static final int PIECE = 512;

  /** Messages that are looked at for their age, or go for want of space, in one round. */
  private static final int ROUND = 50_000;

  /** Begins with a header and any topic: enough of a message to judge its age. */
  private static final int PEEKED_BYTES = 19 + Topic.MAX_BYTES;

  /** What a removed message is taken to have occupied beyond its payload. */
  private static final int OVERHEAD_BYTES = 128;

  private static final long MOST_UNRECLAIMED_BYTES = 16 << 20;
  private static final long DISK_CHECK_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Where the messages of one age have been looked at. */
  private static final class Sweep {
    final Duration age;
    final long ageMillis;
    final String mark;
    long through;
    long dueMillis;

    Sweep(Duration age, String mark) {
      this.age = age;
      this.ageMillis = age.toMillis();
      this.mark = mark;
    }
  }

  private final Store store;
  private final GroupWriter writer;
  private final Policies policies;
  private final long maxDiskBytes;
  private final Runnable beside;
  private final ByteBuffer direct = ByteBuffer.allocateDirect(PEEKED_BYTES);
  private final List<Sweep> sweeps = new ArrayList<>();
  private final Set<String> overfull = new LinkedHashSet<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread keeper = new Thread(task, "posthaste-log-keeper");
            keeper.setDaemon(true);
            return keeper;
          });
  private final ExecutorService reclaiming =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread reclaimer = new Thread(task, "posthaste-log-reclaimer");
            reclaimer.setDaemon(true);
            return reclaimer;
          });
  private Future<?> reclaimed = CompletableFuture.completedFuture(null);
  private long removedBytes;
  private long removedThrough;

  /** Space is to be reclaimed once no view is older than this write of RocksDB's; 0 if not. */
  private long reclaimAt;

  private int keyBucket;
  private long diskCheckedNanos = System.nanoTime() - DISK_CHECK_NANOS;
  private long bytesAtDiskCheck;
  private boolean failing;
  private long backdated;

  /**
   * @param beside also done each round
   */
  Keeper(Store store, GroupWriter writer, RocksLog.Options options, Runnable beside) {
    this.store = store;
    this.writer = writer;
    this.policies = options.policies();
    this.maxDiskBytes = options.maxDiskBytes();
    this.beside = beside;
    // With other rules other topics have that age: the whole log is to be looked at again.
    String rules = Integer.toHexString(policies.rules().toString().hashCode());
    Set<Duration> ages = new TreeSet<>(Set.of(Policy.DEFAULT.age()));
    policies.rules().forEach(rule -> ages.add(rule.policy().age()));
    ages.removeIf(age -> age.getSeconds() > Long.MAX_VALUE / 2_000);
    for (Duration age : ages) {
      Sweep sweep = new Sweep(age, "swept/" + age + "/" + rules);
      byte[] mark = store.find(Layout.utf8(sweep.mark));
      sweep.through = mark == null ? 0 : Layout.longAt(mark, 0);
      sweeps.add(sweep);
    }
  }

  void start(Duration every) {
    long nanos = every.toNanos();
    thread.scheduleWithFixedDelay(this::round, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  /** A topic holds more than it should. Any thread. */
  void overfull(String topic) {
    synchronized (overfull) {
      overfull.add(topic);
    }
  }

  private void round() {
    try {
      trimOverfull();
      if (writer.backdated() > backdated) {
        backdated = writer.backdated();
        sweeps.forEach(sweep -> sweep.dueMillis = 0); // copied messages may be of any age
      }
      for (Sweep sweep : sweeps) {
        sweep(sweep);
      }
      forgetKeys();
      if (reclaimed.isDone() && reclaimAt == 0) {
        limitDisk();
        reclaimSpace();
      }
      if (reclaimAt > 0 && store.unseenBefore(reclaimAt)) {
        reclaim();
      }
      beside.run();
      failing = false;
    } catch (InterruptedException | CancellationException e) {
      Thread.currentThread().interrupt(); // closing
    } catch (RocksDBException | RuntimeException | Error e) {
      if (!failing && !thread.isShutdown()) {
        LOG.warn("keeping the log to its policies failed, will try again", e);
        failing = true;
      }
    }
  }

  private void remove(Trim trim) throws InterruptedException {
    try {
      writer.trim(trim).get();
      for (Trim.Victim victim : trim.victims()) {
        removedBytes += victim.entry().size() + OVERHEAD_BYTES;
        removedThrough = Math.max(removedThrough, victim.entry().sequence());
      }
    } catch (ExecutionException e) {
      if (Thread.currentThread().isInterrupted() || thread.isShutdown()) {
        throw new InterruptedException();
      }
      Throwable cause = requireNonNull(e.getCause());
      throw new LogException("old messages were not removed: " + cause.getMessage(), e);
    }
  }

  // ---------------------------------------------------------------- count and bytes

  private void trimOverfull() throws InterruptedException, RocksDBException {
    List<String> topics;
    synchronized (overfull) {
      topics = new ArrayList<>(overfull);
      overfull.clear();
    }
    List<Trim.Victim> victims = new ArrayList<>();
    for (String topic : topics) {
      boolean more = true;
      while (more) {
        more = excess(topic, victims);
        if (victims.size() >= PIECE) {
          remove(Trim.of(victims));
          victims.clear();
        }
      }
    }
    if (!victims.isEmpty()) {
      remove(Trim.of(victims));
    }
  }

  /** Adds what the topic has too much of; true if the piece was full before that. */
  private boolean excess(String name, List<Trim.Victim> victims) throws RocksDBException {
    Policy policy = policies.of(new Topic(name));
    byte[] topic = Layout.utf8(name);
    try (View view = new View(store)) {
      Layout.Entry newest = view.newest(topic, Long.MAX_VALUE);
      Layout.Entry entry = newest == null ? null : view.oldest(topic, 0);
      while (newest != null && entry != null && entry.sequence() < newest.sequence()) {
        long count = newest.number() - entry.number() + 1;
        long bytes = newest.total() - entry.total() + entry.size();
        if (count <= policy.count() && bytes <= policy.bytes()) {
          break;
        }
        if (victims.size() >= PIECE) {
          return true;
        }
        victims.add(new Trim.Victim(name, entry, false));
        view.index().next();
        entry = view.here(topic);
      }
      view.check();
      return false;
    }
  }

  // ---------------------------------------------------------------- age

  private void sweep(Sweep sweep) throws InterruptedException, RocksDBException {
    int looked = 0;
    while (writer.timeMillis() >= sweep.dueMillis && looked < ROUND) {
      long now = writer.timeMillis();
      long from = sweep.through;
      List<Trim.Victim> victims = new ArrayList<>();
      try (View view = new View(store)) {
        RocksIterator log = view.log();
        log.seek(Layout.sequenceKey(sweep.through + 1));
        while (true) {
          if (!log.isValid()) {
            sweep.dueMillis = now + sweep.ageMillis; // what comes later is younger than this
            break;
          }
          byte[] beginning = new byte[PEEKED_BYTES];
          view.peek(direct, beginning);
          long due = Layout.timeOf(beginning) + sweep.ageMillis;
          if (due > now) {
            sweep.dueMillis = due;
            break;
          }
          if (victims.size() >= PIECE || looked >= ROUND) {
            break;
          }
          looked++;
          sweep.through = Layout.sequenceOf(log.key());
          String topic = Layout.topicOf(beginning);
          if (policies.of(new Topic(topic)).age().equals(sweep.age)) {
            add(view, topic, sweep.through, victims);
          }
          log.next();
        }
        view.check();
      }
      if (sweep.through > from) {
        try {
          remove(new Trim(victims, Map.of(sweep.mark, sweep.through), 0, 0));
        } catch (LogException e) {
          sweep.through = from;
          throw e;
        }
      }
    }
  }

  private static void add(View view, String name, long sequence, List<Trim.Victim> victims)
      throws RocksDBException {
    byte[] topic = Layout.utf8(name);
    Layout.Entry entry = view.entry(topic, sequence);
    if (entry != null) {
      boolean last = view.oldest(topic, sequence + 1) == null;
      victims.add(new Trim.Victim(name, entry, last));
    }
  }

  // ---------------------------------------------------------------- keys

  private void forgetKeys() throws InterruptedException {
    int before = GroupWriter.bucket(writer.timeMillis()) - 1;
    if (before > keyBucket) {
      remove(new Trim(List.of(), Map.of(), before, 0));
      keyBucket = before;
    }
  }

  // ---------------------------------------------------------------- disk

  private void limitDisk() throws InterruptedException, RocksDBException {
    long written = writer.counters().bytes();
    long now = System.nanoTime();
    if (now - diskCheckedNanos < DISK_CHECK_NANOS
        && written - bytesAtDiskCheck < maxDiskBytes / 64) {
      return;
    }
    diskCheckedNanos = now;
    bytesAtDiskCheck = written;
    long disk = store.diskBytes();
    if (disk <= maxDiskBytes) {
      return;
    }
    long through = dropOldest(disk - maxDiskBytes + maxDiskBytes / 10);
    LOG.info(
        "the log is over its limit of disk limitBytes={} diskBytes={} droppedThrough={}",
        maxDiskBytes,
        disk,
        through);
    reclaimAt = store.db.getLatestSequenceNumber();
    diskCheckedNanos = now - DISK_CHECK_NANOS; // look again once that is done
  }

  /**
   * Has the files rewritten once half of what they hold was removed, and so much that it matters: a
   * quiet log would not do so by itself. The write-ahead log does not count: in a quiet log it
   * holds the newest part a second time, for as long as nothing is appended.
   */
  private void reclaimSpace() {
    if (removedBytes > Math.min(MOST_UNRECLAIMED_BYTES, maxDiskBytes / 8)
        && removedBytes > store.fileBytes() / 2) {
      reclaimAt = store.db.getLatestSequenceNumber();
    }
  }

  /** On a thread of its own: it takes as long as it takes to rewrite files. */
  private void reclaim() {
    long through = removedThrough;
    removedBytes = 0;
    reclaimAt = 0;
    reclaimed =
        reclaiming.submit(
            () -> {
              try {
                store.reclaim(through);
              } catch (RocksDBException e) {
                if (!thread.isShutdown()) { // else cut short by closing
                  LOG.warn("space was not reclaimed reason={}", e.getMessage());
                }
              }
            });
  }

  /**
   * Removes the oldest messages of about so many bytes, all but the newest of the log and of the
   * server's own.
   */
  private long dropOldest(long bytes) throws InterruptedException, RocksDBException {
    long freed = 0;
    long through = 0;
    for (int dropped = 0; freed < bytes && dropped < ROUND; ) {
      List<Trim.Victim> victims = new ArrayList<>();
      boolean isGapless = true;
      try (View view = new View(store)) {
        long newest = writer.head();
        RocksIterator log = view.log();
        for (log.seekToFirst();
            log.isValid() && victims.size() < PIECE && freed < bytes;
            log.next()) {
          long sequence = Layout.sequenceOf(log.key());
          if (sequence >= newest) {
            break;
          }
          byte[] beginning = new byte[PEEKED_BYTES];
          int size = view.peek(direct, beginning);
          through = sequence;
          int before = victims.size();
          add(view, Layout.topicOf(beginning), sequence, victims);
          if (victims.size() > before && isToStay(victims.get(before))) {
            victims.remove(before);
            isGapless = false;
          } else {
            freed += size;
          }
        }
        view.check();
      }
      if (victims.isEmpty()) {
        break;
      }
      remove(new Trim(victims, Map.of(), 0, isGapless ? through : 0));
      dropped += victims.size();
    }
    return through;
  }

  /** Who may what, and where consumers stand, must outlive any flood of messages. */
  private boolean isToStay(Trim.Victim victim) {
    Topic topic = new Topic(victim.topic());
    return victim.last() && topic.isReserved() && policies.of(topic).age().equals(Policy.FOREVER);
  }

  /** Begins no further round; what a round under way then cannot do is no failure. Any thread. */
  void stop() {
    thread.shutdown();
  }

  @Override
  public void close() {
    stop();
    store.db.cancelAllBackgroundWork(false); // or closing would wait for files to be rewritten
    reclaiming.shutdown();
    boolean interrupted = false;
    while (!thread.isTerminated() || !reclaiming.isTerminated()) {
      try {
        thread.awaitTermination(1, TimeUnit.SECONDS);
        reclaiming.awaitTermination(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
