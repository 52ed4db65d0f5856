package io.posthaste.bench;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Hub;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import io.posthaste.engine.rocksdb.RocksLog;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Publishes in process, as fast as they are acknowledged, and compares with the bare store under
 * the embedded log: RocksDB with the same sync and as many puts a message, which are two (the
 * message by sequence; its place by topic).
 */
final class EngineRun {
  private static final int TOPICS = 1_000;

  /**
   * What one way to store came to.
   *
   * @param perSecond messages acknowledged a second
   * @param group messages in a synced batch, on average; NaN where nothing is synced
   */
  record Rate(double perSecond, double group) {}

  private final Path directory;
  private final Duration time;
  private final int window;
  private final byte[] payload;

  /**
   * A run.
   *
   * @param directory an empty one, on the disk that is to be measured
   * @param time how long each way is measured, after half of it to warm up
   * @param window publishes under way at a time
   * @param size payload bytes
   */
  EngineRun(Path directory, Duration time, int window, int size) {
    this.directory = directory;
    this.time = time;
    this.window = window;
    this.payload = "x".repeat(size).getBytes(StandardCharsets.US_ASCII);
  }

  /** The log in memory. */
  Rate memory() throws InterruptedException {
    try (Log log = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT))) {
      return new Rate(publish(log::append), Double.NaN);
    }
  }

  /** The embedded log by itself. */
  Rate embedded(int round) throws InterruptedException {
    return embedded("log-" + round, log -> log::append);
  }

  /** The embedded log through the hub, to which nobody listens. */
  Rate hub(int round) throws InterruptedException {
    List<Hub> hubs = new ArrayList<>();
    try {
      return embedded(
          "hub-" + round,
          log -> {
            Hub hub = new Hub(log);
            hubs.add(hub);
            return hub::publish;
          });
    } finally {
      hubs.forEach(Hub::close);
    }
  }

  private Rate embedded(
      String name, Function<Log, Function<List<Append>, CompletionStage<List<Appended>>>> way)
      throws InterruptedException {
    RocksLog.Options options = RocksLog.Options.of(directory.resolve(name), Policies.DEFAULT);
    try (RocksLog log = RocksLog.open(options)) {
      double rate = publish(way.apply(log));
      RocksLog.Statistics seen = log.statistics();
      return new Rate(rate, (double) seen.messages() / seen.syncs());
    }
  }

  private double publish(Function<List<Append>, CompletionStage<List<Appended>>> log)
      throws InterruptedException {
    Topic[] topics = new Topic[TOPICS];
    for (int i = 0; i < TOPICS; i++) {
      topics[i] = new Topic("bench/engine/" + i);
    }
    Semaphore free = new Semaphore(window);
    AtomicLong stored = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    long begin = System.nanoTime();
    long from = begin + time.toNanos() / 2;
    long end = from + time.toNanos();
    long before = 0;
    long now = begin;
    boolean isCounting = false;
    for (int i = 0; now < end; i++) {
      free.acquire();
      Append append = Append.of(topics[i % TOPICS], "text/plain", Payload.wrap(payload));
      log.apply(List.of(append))
          .whenComplete(
              (outcomes, failure) -> {
                boolean isStored = failure == null && outcomes.get(0) instanceof Appended.Stored;
                (isStored ? stored : refused).incrementAndGet();
                free.release();
              });
      if ((i & 63) == 0) {
        now = System.nanoTime();
        if (!isCounting && now >= from) {
          isCounting = true;
          from = now;
          before = stored.get();
        }
      }
    }
    double rate = (stored.get() - before) * 1e9 / (now - from);
    free.acquire(window);
    if (refused.get() > 0) {
      throw new LoadFailedException(refused + " publishes were refused");
    }
    return rate;
  }

  /**
   * RocksDB alone, one thread, the same bytes: so many messages in each synced batch.
   *
   * @param group messages in a batch
   */
  Rate raw(int round, int group) {
    RocksDB.loadLibrary();
    List<ColumnFamilyHandle> families = new ArrayList<>();
    String path = directory.resolve("raw-" + round + "-" + group).toString();
    try (ColumnFamilyOptions family =
            new ColumnFamilyOptions()
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setWriteBufferSize(16 << 20);
        DBOptions options =
            new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setMaxTotalWalSize(64 << 20);
        RocksDB db =
            RocksDB.open(
                options,
                path,
                List.of(
                    new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family),
                    new ColumnFamilyDescriptor(bytes("log"), family),
                    new ColumnFamilyDescriptor(bytes("index"), family)),
                families);
        WriteOptions synced = new WriteOptions().setSync(true);
        WriteBatch batch = new WriteBatch()) {
      double rate = write(db, families.get(1), families.get(2), synced, batch, group);
      families.forEach(ColumnFamilyHandle::close);
      return new Rate(rate, group);
    } catch (RocksDBException e) {
      throw new LoadFailedException("RocksDB: " + e.getMessage());
    }
  }

  private double write(
      RocksDB db,
      ColumnFamilyHandle log,
      ColumnFamilyHandle index,
      WriteOptions synced,
      WriteBatch batch,
      int group)
      throws RocksDBException {
    byte[][] topics = new byte[TOPICS][];
    for (int i = 0; i < TOPICS; i++) {
      topics[i] = bytes("bench/engine/" + i);
    }
    long from = System.nanoTime() + time.toNanos() / 2;
    long end = from + time.toNanos();
    long sequence = 0;
    long before = 0;
    long now = 0;
    for (boolean isCounting = false; now == 0 || now < end; now = System.nanoTime()) {
      if (!isCounting && now >= from && now != 0) {
        isCounting = true;
        from = now;
        before = sequence;
      }
      for (int i = 0; i < group; i++) {
        byte[] topic = topics[(int) (sequence % TOPICS)];
        sequence++;
        batch.put(log, ByteBuffer.allocate(8).putLong(sequence).array(), message(topic));
        byte[] place =
            ByteBuffer.allocate(topic.length + 9)
                .put(topic)
                .put((byte) 0)
                .putLong(sequence)
                .array();
        batch.put(index, place, new byte[29]);
      }
      db.write(synced, batch);
      batch.clear();
    }
    return (sequence - before) * 1e9 / (now - from);
  }

  /** As many bytes as the embedded log writes for a message. */
  private byte[] message(byte[] topic) {
    byte[] type = bytes("text/plain");
    return ByteBuffer.allocate(17 + 2 + topic.length + 4 + type.length + 4 + payload.length)
        .position(17)
        .putShort((short) topic.length)
        .put(topic)
        .putInt(type.length)
        .put(type)
        .putInt(0)
        .put(payload)
        .array();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
