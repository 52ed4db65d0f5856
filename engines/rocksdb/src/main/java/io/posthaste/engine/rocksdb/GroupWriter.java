package io.posthaste.engine.rocksdb;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Followers;
import io.posthaste.core.Forgotten;
import io.posthaste.core.Id;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. While a group is synced to disk the next one gathers in the queue; a
 * group is judged, written in one synced batch, made visible, told to listeners, and answered, in
 * this order.
 *
 * <p>Puts a message: one in {@code log}, by sequence, and one in {@code index}, by topic and
 * sequence; with an idempotency key one in {@code keys}.
 *
 * <p>What the writer knows of topics runs ahead of the disk while it judges a group. If the write
 * fails all of that is dropped, the sequences are not used again, and nothing in the group is
 * acknowledged.
 */
final class GroupWriter implements AutoCloseable {
  static final int PARTITION = 0;

  /** A key is found until the bucket after its own ends: after 5 to 10 minutes. */
  static final long KEY_BUCKET_MILLIS = 5 * 60_000;

  private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);
  private static final int GROUP_ITEMS = 4_096;
  private static final long GROUP_BYTES = 8 << 20;
  private static final int CACHED_TOPICS = 50_000;
  private static final long SPACE_CHECK_NANOS = 50_000_000;

  private record KeyAnswer(Id id, long timeMillis, long bodyDigest) {}

  private final Store store;
  private final String epoch;
  private final Policies policies;
  private final InstantSource clock;
  private final DiskSpace space;
  private final Followers followers;
  private final Forgotten forgotten;
  private final Consumer<String> overfull;
  private final PendingQueue queue;
  private final Counters counters = new Counters();
  private final Thread thread = new Thread(this::run, "posthaste-log-writer");

  // Read by others; written by the writer.
  private volatile long head;
  private volatile long lostThrough;
  private volatile long lastMillis;
  private volatile @Nullable String broken; // why writing fails, other than for lack of space
  private volatile long backdated;

  // Confined to the writer.
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteBatch batch = new WriteBatch();
  private final Map<String, TopicTail> tails =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TopicTail> eldest) {
          return size() > CACHED_TOPICS;
        }
      };
  private final Map<ByteBuffer, KeyAnswer> groupKeys = new HashMap<>();
  private final List<Message> committed = new ArrayList<>();
  private final List<TopicTail> grown = new ArrayList<>();
  private @Nullable RocksIterator lookUp;
  private long sequence;
  private long newestMillis;
  private long spaceCheckedNanos = System.nanoTime() - SPACE_CHECK_NANOS;
  private @Nullable String noSpace;
  private boolean failing;

  /**
   * @param overfull told, on the writer's thread, of a topic that holds more than its policy says
   */
  GroupWriter(
      Store store,
      RocksLog.Options options,
      Followers followers,
      Forgotten forgotten,
      Consumer<String> overfull) {
    this.store = store;
    this.epoch = store.epoch();
    this.policies = options.policies();
    this.clock = options.clock();
    this.space = new DiskSpace(options);
    this.followers = followers;
    this.forgotten = forgotten;
    this.overfull = overfull;
    this.queue = new PendingQueue(options.queueBytes());
    recover();
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Finds where the log ends. Before the thread starts. */
  private void recover() {
    byte[] state = store.find(Store.STATE);
    if (state != null) {
      sequence = Layout.longAt(state, 0);
      lostThrough = Layout.longAt(state, 8);
      lastMillis = Layout.longAt(state, 16);
    }
    try (RocksIterator last = store.db.newIterator(store.log)) {
      last.seekToLast();
      if (last.isValid()) {
        sequence = Math.max(sequence, Layout.sequenceOf(last.key()));
        newestMillis = Layout.timeOf(last.value());
        lastMillis = Math.max(lastMillis, newestMillis);
      }
      last.status();
    } catch (RocksDBException e) {
      throw Store.failed(e);
    }
    head = sequence;
  }

  long head() {
    return head;
  }

  /** Up to here some message or other is no longer kept. */
  long lostThrough() {
    return lostThrough;
  }

  /** The log's time: it never falls. */
  long timeMillis() {
    return Math.max(lastMillis, clock.millis());
  }

  /** Why the log can no longer be written to, other than for lack of space; null if it can. */
  @Nullable String broken() {
    return broken;
  }

  /** How many messages came with a time of their own: they may be of age sooner than the newest. */
  long backdated() {
    return backdated;
  }

  Counters counters() {
    return counters;
  }

  CompletionStage<List<Appended>> append(List<Append> appends) {
    Pending pending = Pending.of(appends, policies);
    switch (queue.offer(pending)) {
      case TAKEN:
        return pending.answer;
      case FULL:
        counters.overflowed(appends.size());
        return refused(pending, "too many appends are under way (expected: a retry in a moment)");
      default:
        return refused(pending, "the log is closed (expected: a retry once the server is back)");
    }
  }

  private static CompletionStage<List<Appended>> refused(Pending pending, String reason) {
    Appended refusal = new Appended.Unavailable(reason);
    List<Appended> outcomes = new ArrayList<>();
    for (Pending.Item item : pending.items) {
      outcomes.add(item.tooLarge() > 0 ? new Appended.TooLarge(item.tooLarge()) : refusal);
    }
    return CompletableFuture.completedStage(outcomes);
  }

  /** Removes messages; done when that is on disk, failed if it is not or the log is closing. */
  CompletableFuture<?> trim(Trim trim) {
    Pending pending = Pending.of(trim);
    if (queue.offer(pending) == PendingQueue.Offer.CLOSED) {
      return CompletableFuture.failedFuture(new LogException("the log is closed"));
    }
    return pending.answer;
  }

  // ---------------------------------------------------------------- the writer's thread

  private void run() {
    try {
      while (true) {
        List<Pending> group = queue.take(GROUP_ITEMS, GROUP_BYTES);
        if (group.isEmpty()) {
          return;
        }
        try {
          write(group);
        } catch (RuntimeException | Error e) {
          LOG.error("writing a group failed", e);
          fail(group, "the log failed: " + e);
        }
      }
    } catch (InterruptedException e) {
      LOG.error("the log's writer was interrupted and takes nothing more");
      queue.close();
    }
  }

  private void write(List<Pending> group) {
    lastMillis = timeMillis();
    boolean trims = false;
    boolean emptied = false;
    try {
      checkSpace();
      for (Pending pending : group) {
        for (Pending.Item item : pending.items) {
          pending.outcomes.add(take(item));
        }
        if (pending.trim != null) {
          emptied |= apply(pending.trim);
          trims = true;
        }
      }
      if (trims) {
        batch.put(store.meta, Store.STATE, state());
      }
      if (emptied) {
        batch.put(store.meta, Store.FORGOTTEN, forgotten.toBytes());
      }
      if (batch.count() > 0) {
        long bytes = batch.getDataSize();
        store.db.write(synced, batch);
        counters.synced(committed.size(), bytes);
        failing = false;
        broken = null;
      }
    } catch (RocksDBException e) {
      if (!failing) {
        LOG.warn("writing to the log failed reason={}", e.getMessage());
        failing = true;
      }
      String reason = space.explain(e);
      broken = DiskSpace.isFull(e) ? null : reason;
      fail(group, reason);
      return;
    } finally {
      batch.clear();
      groupKeys.clear();
      if (lookUp != null) {
        lookUp.close();
        lookUp = null;
      }
    }
    long before = head;
    head = sequence;
    if (head > before) {
      followers.committed(PARTITION, List.copyOf(committed), head);
    }
    for (Pending pending : group) {
      pending.answer.complete(pending.outcomes);
    }
    if (head > before) {
      followers.acknowledged(PARTITION);
    }
    committed.clear();
    grown.forEach(this::report);
    grown.clear();
  }

  /** Nothing of the group is acknowledged, and nothing that was thought of it is true. */
  private void fail(List<Pending> group, String reason) {
    committed.clear();
    grown.clear();
    tails.clear();
    Appended refusal = new Appended.Unavailable(reason);
    for (Pending pending : group) {
      if (pending.trim != null) {
        pending.answer.completeExceptionally(new LogException(reason));
      } else {
        List<Appended> outcomes = new ArrayList<>();
        for (Pending.Item item : pending.items) {
          outcomes.add(item.tooLarge() > 0 ? new Appended.TooLarge(item.tooLarge()) : refusal);
        }
        pending.answer.complete(outcomes);
      }
    }
    counters.failed();
  }

  private byte[] state() {
    return Layout.longs(sequence, lostThrough, lastMillis);
  }

  private void checkSpace() {
    long now = System.nanoTime();
    if (now - spaceCheckedNanos >= SPACE_CHECK_NANOS) {
      spaceCheckedNanos = now;
      String lacking = space.lacking();
      if (lacking != null && noSpace == null) {
        LOG.warn("the log takes nothing reason={}", lacking);
      }
      noSpace = lacking;
    }
  }

  private Appended take(Pending.Item item) throws RocksDBException {
    Append append = item.append();
    if (item.tooLarge() > 0) {
      return new Appended.TooLarge(item.tooLarge());
    }
    byte[] keyHash = item.keyHash();
    if (keyHash != null) {
      KeyAnswer first = answerTo(keyHash);
      if (first != null) {
        return first.bodyDigest == item.bodyDigest()
            ? new Appended.Stored(first.id, first.timeMillis, true)
            : new Appended.KeyReused();
      }
    }
    TopicTail tail = tail(item);
    if (!holds(append.condition(), tail)) {
      return new Appended.ConditionFailed(
          tail.latest == 0 ? null : new Id(epoch, PARTITION, tail.latest));
    }
    String lacking = noSpace;
    if (lacking != null) {
      return new Appended.Unavailable(lacking);
    }
    long time = timeOf(append);
    Id id = new Id(epoch, PARTITION, store(item, tail, time));
    if (keyHash != null) {
      byte[] key = Layout.keysKey(bucket(lastMillis), keyHash);
      batch.put(store.keys, key, Layout.longs(id.sequence(), time, item.bodyDigest()));
      groupKeys.put(ByteBuffer.wrap(keyHash), new KeyAnswer(id, time, item.bodyDigest()));
    }
    return new Appended.Stored(id, time, false);
  }

  /** The message's own time if it has one; never less than that of the message before. */
  private long timeOf(Append append) {
    long time = append.timeMillis();
    if (time == Append.NOW) {
      time = lastMillis;
    } else {
      backdated = backdated + 1; // by this thread alone
    }
    newestMillis = Math.max(newestMillis, time);
    return newestMillis;
  }

  static int bucket(long millis) {
    return Math.toIntExact(millis / KEY_BUCKET_MILLIS);
  }

  private @Nullable KeyAnswer answerTo(byte[] keyHash) throws RocksDBException {
    KeyAnswer here = groupKeys.get(ByteBuffer.wrap(keyHash));
    if (here != null) {
      return here;
    }
    int bucket = bucket(lastMillis);
    byte[] found = store.db.get(store.keys, Layout.keysKey(bucket, keyHash));
    if (found == null && bucket > 0) {
      found = store.db.get(store.keys, Layout.keysKey(bucket - 1, keyHash));
    }
    return found == null
        ? null
        : new KeyAnswer(
            new Id(epoch, PARTITION, Layout.longAt(found, 0)),
            Layout.longAt(found, 8),
            Layout.longAt(found, 16));
  }

  private boolean holds(Condition condition, TopicTail tail) {
    if (condition instanceof Condition.LatestIs expected) {
      Id id = expected.id();
      return tail.latest > 0
          && id.sequence() == tail.latest
          && id.partition() == PARTITION
          && id.epoch().equals(epoch);
    }
    boolean present = tail.latest > 0 && !tail.deleted;
    return condition instanceof Condition.Any
        || (condition instanceof Condition.Present ? present : !present);
  }

  private long store(Pending.Item item, TopicTail tail, long time) throws RocksDBException {
    Append append = item.append();
    Payload payload = append.deleted() ? Payload.EMPTY : append.payload();
    long previous = tail.latest;
    if (previous == 0 && forgotten.through(append.topic().name()) > 0) {
      previous = Message.UNKNOWN;
    }
    sequence++;
    tail.latest = sequence;
    tail.deleted = append.deleted();
    tail.number++;
    tail.total += payload.length();
    byte[] value = item.value();
    Layout.complete(value, previous, time);
    batch.put(store.log, Layout.sequenceKey(sequence), value);
    batch.put(
        store.index,
        Layout.indexKey(tail.name, sequence),
        Layout.indexValue(tail.number, tail.total, previous, payload.length(), append.deleted()));
    committed.add(
        new Message(
            append.topic(),
            PARTITION,
            sequence,
            previous,
            time,
            append.type(),
            append.headers(),
            payload,
            append.deleted()));
    if (!tail.reported && tail.overfull()) {
      tail.reported = true;
      grown.add(tail);
    }
    return sequence;
  }

  private void report(TopicTail tail) {
    overfull.accept(new String(tail.name, StandardCharsets.UTF_8));
  }

  private TopicTail tail(Pending.Item item) throws RocksDBException {
    String name = item.append().topic().name();
    TopicTail tail = tails.get(name);
    if (tail == null) {
      tail = load(item.topic(), new TopicTail(item.topic(), policies.of(item.append().topic())));
      tails.put(name, tail);
    }
    return tail;
  }

  private TopicTail load(byte[] topic, TopicTail into) throws RocksDBException {
    RocksIterator index = lookUp;
    if (index == null) {
      index = store.db.newIterator(store.index);
      lookUp = index;
    }
    index.seekForPrev(Layout.indexKey(topic, Long.MAX_VALUE));
    if (index.isValid() && Layout.isOf(index.key(), topic)) {
      Layout.Entry newest = Layout.entry(index.key(), index.value());
      into.latest = newest.sequence();
      into.deleted = newest.deleted();
      into.number = newest.number();
      into.total = newest.total();
      index.seek(Layout.indexKey(topic, 0));
      Layout.Entry oldest = Layout.entry(index.key(), index.value());
      into.goneNumber = oldest.number() - 1;
      into.goneTotal = oldest.total() - oldest.size();
    }
    index.status();
    return into;
  }

  /** Whether a topic lost its last message. */
  private boolean apply(Trim trim) throws RocksDBException {
    boolean emptied = false;
    if (trim.logThrough() > 0) {
      batch.deleteRange(
          store.log, Layout.sequenceKey(0), Layout.sequenceKey(trim.logThrough() + 1));
    }
    for (Trim.Victim victim : trim.victims()) {
      Layout.Entry entry = victim.entry();
      byte[] topic = Layout.utf8(victim.topic());
      if (entry.sequence() > trim.logThrough()) {
        batch.delete(store.log, Layout.sequenceKey(entry.sequence()));
      }
      batch.delete(store.index, Layout.indexKey(topic, entry.sequence()));
      lostThrough = Math.max(lostThrough, entry.sequence());
      TopicTail tail = tails.get(victim.topic());
      if (tail == null ? victim.last() : tail.latest == entry.sequence()) {
        forgotten.add(victim.topic(), entry.sequence());
        emptied = true;
        tails.remove(victim.topic());
      } else if (tail != null) {
        tail.goneNumber = entry.number();
        tail.goneTotal = entry.total();
        tail.reported = false;
      }
    }
    for (Trim.Victim victim : trim.victims()) {
      TopicTail tail = tails.get(victim.topic());
      if (tail != null && !tail.reported && tail.overfull()) {
        tail.reported = true;
        grown.add(tail);
      }
    }
    for (Map.Entry<String, Long> mark : trim.marks().entrySet()) {
      batch.put(store.meta, Layout.utf8(mark.getKey()), Layout.longs(mark.getValue()));
    }
    if (trim.keyBucket() > 0) {
      batch.deleteRange(
          store.keys,
          Layout.keysKey(0, new byte[0]),
          Layout.keysKey(trim.keyBucket(), new byte[0]));
    }
    counters.trimmed(trim.victims().size());
    return emptied;
  }

  /** Writes what is queued, then ends the thread. */
  @Override
  public void close() {
    queue.close();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // what was taken must still be written
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    batch.close();
    synced.close();
  }
}
