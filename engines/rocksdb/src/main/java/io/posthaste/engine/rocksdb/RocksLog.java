package io.posthaste.engine.rocksdb;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.CommitListener;
import io.posthaste.core.Epoch;
import io.posthaste.core.Interest;
import io.posthaste.core.Log;
import io.posthaste.core.LogException;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Message;
import io.posthaste.core.Nodes;
import io.posthaste.core.Page;
import io.posthaste.core.Policies;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.SplitLog;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPage;
import io.posthaste.core.TopicPattern;
import io.posthaste.core.TopicState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.rocksdb.RocksDBException;

/**
 * The embedded log: partition 0 on disk, in RocksDB, and partition 1 in memory, for topics whose
 * policy says so. An append to partition 0 is acknowledged after its group was synced: neither the
 * death of the process nor the loss of power loses it.
 *
 * <p>A directory has one log, and one process at a time opens it. Which topics live in memory may
 * change from one opening to the next; that makes a new epoch, as places of one partition mean
 * nothing in the other. Thread-safe.
 */
public final class RocksLog implements Log {
  private static final int MEMORY_PARTITION = 1;

  /**
   * The memory partition begins at {@code generation << GENERATION_BITS}: above all it had before.
   */
  private static final int GENERATION_BITS = 40;

  /**
   * How a log is opened.
   *
   * @param directory where its files are; made if absent
   * @param policies what applies to each topic
   * @param clock tells the time of messages
   * @param maxDiskBytes how large the files may grow, roughly; beyond, the oldest messages go
   *     whatever their policy
   * @param maxMemoryBytes how large the partition in memory may grow, roughly
   * @param cacheBytes how much of the files is held in memory, outside the heap
   * @param queueBytes how many bytes of appends may wait for the writer; more are refused as {@link
   *     Appended.Unavailable}
   * @param reserveBytes with less space left on the disk nothing is appended
   * @param usableBytes tells the space that is left on the disk
   * @param keepEvery how often retention looks for something to do
   */
  public record Options(
      Path directory,
      Policies policies,
      InstantSource clock,
      long maxDiskBytes,
      long maxMemoryBytes,
      long cacheBytes,
      long queueBytes,
      long reserveBytes,
      LongSupplier usableBytes,
      Duration keepEvery) {
    private static final long MIB = 1 << 20;
    private static final long LEAST_DISK_BYTES = 16 * MIB;

    public Options {
      requireNonNull(directory, "directory");
      requireNonNull(policies, "policies");
      requireNonNull(clock, "clock");
      requireNonNull(usableBytes, "usableBytes");
      require(maxDiskBytes >= LEAST_DISK_BYTES, "maxDiskBytes", maxDiskBytes, "16 MiB or more");
      require(maxMemoryBytes >= 1, "maxMemoryBytes", maxMemoryBytes, "1 or more");
      require(cacheBytes >= MIB, "cacheBytes", cacheBytes, "1 MiB or more");
      require(queueBytes >= 1, "queueBytes", queueBytes, "1 or more");
      require(reserveBytes >= 0, "reserveBytes", reserveBytes, "0 or more");
      require(!keepEvery.isNegative() && !keepEvery.isZero(), "keepEvery", keepEvery, "above 0");
    }

    private static void require(boolean good, String name, Object value, String expected) {
      if (!good) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
      }
    }

    /**
     * 64 GiB of disk, 64 MiB of it always left free, 32 MiB of cache, 64 MiB or an eighth of the
     * heap for topics in memory, 32 MiB of waiting appends, retention every half second.
     */
    public static Options of(Path directory, Policies policies) {
      return new Options(
          directory,
          policies,
          InstantSource.system(),
          64L << 30,
          Math.min(64 * MIB, Runtime.getRuntime().maxMemory() / 8),
          32 * MIB,
          32 * MIB,
          64 * MIB,
          () -> directory.toFile().getUsableSpace(),
          Duration.ofMillis(500));
    }

    /** The same with this clock. */
    public Options withClock(InstantSource clock) {
      return new Options(
          directory,
          policies,
          clock,
          maxDiskBytes,
          maxMemoryBytes,
          cacheBytes,
          queueBytes,
          reserveBytes,
          usableBytes,
          keepEvery);
    }

    /** The same with these limits of disk and of the partition in memory. */
    public Options withLimits(long maxDiskBytes, long maxMemoryBytes) {
      return new Options(
          directory,
          policies,
          clock,
          maxDiskBytes,
          maxMemoryBytes,
          cacheBytes,
          queueBytes,
          reserveBytes,
          usableBytes,
          keepEvery);
    }

    /** The same with so much of the disk left free, as this tells. */
    public Options withReserve(long reserveBytes, LongSupplier usableBytes) {
      return new Options(
          directory,
          policies,
          clock,
          maxDiskBytes,
          maxMemoryBytes,
          cacheBytes,
          queueBytes,
          reserveBytes,
          usableBytes,
          keepEvery);
    }

    /** The same with retention looking for something to do so often. */
    public Options withKeepEvery(Duration keepEvery) {
      return new Options(
          directory,
          policies,
          clock,
          maxDiskBytes,
          maxMemoryBytes,
          cacheBytes,
          queueBytes,
          reserveBytes,
          usableBytes,
          keepEvery);
    }

    /** The same with so many bytes of appends that may wait. */
    public Options withQueue(long queueBytes) {
      return new Options(
          directory,
          policies,
          clock,
          maxDiskBytes,
          maxMemoryBytes,
          cacheBytes,
          queueBytes,
          reserveBytes,
          usableBytes,
          keepEvery);
    }
  }

  /**
   * What the durable partition has done since it was opened.
   *
   * @param syncs groups that were written and synced; each acknowledged append is in one
   * @param messages messages in these
   * @param largestGroup most messages in one
   * @param bytesWritten bytes of these as they were given to RocksDB
   * @param failures groups that could not be written
   * @param overflows appends refused because too many were waiting
   * @param removals messages removed by retention
   */
  public record Statistics(
      long syncs,
      long messages,
      long largestGroup,
      long bytesWritten,
      long failures,
      long overflows,
      long removals) {}

  private final DurableLog durable;
  private final Log whole;

  private RocksLog(DurableLog durable, Log whole) {
    this.durable = durable;
    this.whole = whole;
  }

  /**
   * Opens the log. Blocks on the disk.
   *
   * @throws LogException if that fails: the directory is in use, was written by another version, or
   *     has durable messages of topics that are now to live in memory
   */
  public static RocksLog open(Options options) {
    Store store = Store.open(options);
    try {
      boolean moved = noteMemoryTopics(store, options.policies());
      long generation = store.generation() + 1;
      store.put(Store.GENERATION, Layout.longs(generation));
      if (moved) {
        store.put(Store.EPOCH, Layout.utf8(Epoch.random()));
      }
      MemoryLog memory =
          new MemoryLog(
              new MemoryLog.Options(
                  store.epoch(),
                  MEMORY_PARTITION,
                  generation << GENERATION_BITS,
                  options.policies(),
                  options.maxMemoryBytes(),
                  options.clock()));
      // Asking for anything lets go of what is too old, also while nobody publishes.
      DurableLog durable = new DurableLog(store, options, () -> memory.head(MEMORY_PARTITION));
      durable.start();
      return new RocksLog(durable, new SplitLog(durable, memory, options.policies()));
    } catch (RuntimeException | Error e) {
      store.close();
      throw e;
    }
  }

  /**
   * Opens a log that is there to be read: nothing is appended, nothing removed whatever its policy,
   * and its epoch stays. Topics in memory are not in it. Blocks on the disk.
   *
   * @throws LogException if there is none, or another process has it open
   */
  public static RocksLog openUnchanged(Path directory) {
    if (!Store.isLog(directory)) {
      throw new LogException(
          directory + " is no data directory (expected: one that serve has written)");
    }
    Options options = Options.of(directory, Policies.DEFAULT);
    DurableLog durable = new DurableLog(Store.open(options), options, () -> {});
    return new RocksLog(durable, durable);
  }

  /** Whether other topics live in memory than at the last opening; refuses to strand messages. */
  private static boolean noteMemoryTopics(Store store, Policies policies) {
    StringBuilder rules = new StringBuilder();
    int lastInMemory = 0;
    for (Policies.Rule rule : policies.rules()) {
      if (rule.pattern().text().startsWith("$")) {
        continue; // the server's own stay where they are
      }
      rules.append(rule.pattern()).append(rule.policy().memory() ? " memory\n" : " disk\n");
      lastInMemory = rule.policy().memory() ? rules.length() : lastInMemory;
    }
    rules.setLength(lastInMemory);
    byte[] now = Layout.utf8(rules.toString());
    byte[] before = store.find(Store.MEMORY);
    if (before != null && Arrays.equals(before, now)) {
      return false;
    }
    try {
      for (Policies.Rule rule : policies.rules()) {
        Optional<Topic> stranded =
            rule.policy().memory()
                ? LogReader.find(store, rule.pattern(), topic -> policies.of(topic).memory())
                : Optional.empty();
        if (stranded.isPresent()) {
          throw new LogException(
              "topic "
                  + stranded.get()
                  + " has messages on disk, and "
                  + rule.pattern()
                  + " is now to live in memory (expected: a topic stays where it is; let an"
                  + " earlier rule keep it on disk, or use another data directory)");
        }
      }
    } catch (RocksDBException e) {
      throw Store.failed(e);
    }
    store.put(Store.MEMORY, now);
    return before != null;
  }

  /**
   * Writes a copy as of now into a directory that is absent or empty, while the log goes on. On the
   * same file system it takes no space at first. The stage fails with a {@link LogException} that
   * says why; its cause is a {@link java.nio.file.DirectoryNotEmptyException} if the directory was
   * not empty.
   */
  public CompletionStage<Void> backup(Path target) {
    return durable.backup(target);
  }

  /**
   * Makes a data directory, absent or empty before, of a backup. The log in it has a new epoch:
   * what was published after the backup is not in there, so cursors are answered as missed. Blocks
   * on the disk.
   *
   * @throws LogException if the backup is not whole or the directory not empty
   */
  public static void restore(Path backup, Path directory) {
    Store.copyFiles(backup, directory);
    try (Store store = Store.open(Options.of(directory, Policies.DEFAULT))) {
      store.put(Store.EPOCH, Layout.utf8(Epoch.random()));
    }
  }

  /** The name of the files' format that this version reads and writes. */
  public static String format() {
    return Store.FORMAT.strip();
  }

  /** Counts since the log was opened, of partition 0. Does not block. */
  public Statistics statistics() {
    return durable.statistics();
  }

  /**
   * Why partition 0 can no longer be written to, until it is opened anew: its disk failed, and not
   * for lack of space, which passes. Empty while all is well.
   */
  @Override
  public Optional<String> failure() {
    return durable
        .failure()
        .map(why -> why + " (expected: a restart once the disk is well; reading goes on)");
  }

  /** Bytes of all files of partition 0 now. */
  public CompletionStage<Long> diskBytes() {
    return durable.diskBytes();
  }

  @Override
  public String epoch() {
    return whole.epoch();
  }

  @Override
  public List<Integer> partitions() {
    return whole.partitions();
  }

  @Override
  public int partitionOf(Topic topic) {
    return whole.partitionOf(topic);
  }

  @Override
  public List<Integer> partitionsOf(TopicPattern topics) {
    return whole.partitionsOf(topics);
  }

  @Override
  public Policies policies() {
    return whole.policies();
  }

  @Override
  public CompletionStage<List<Appended>> append(List<Append> batch) {
    return whole.append(batch);
  }

  @Override
  public CompletionStage<Long> head(int partition) {
    return whole.head(partition);
  }

  @Override
  public CompletionStage<Page> read(ReadRequest request) {
    return whole.read(request);
  }

  @Override
  public CompletionStage<Page> readBackward(ReadRequest request) {
    return whole.readBackward(request);
  }

  @Override
  public CompletionStage<Optional<Message>> latest(Topic topic) {
    return whole.latest(topic);
  }

  @Override
  public CompletionStage<Optional<TopicState>> state(Topic topic) {
    return whole.state(topic);
  }

  @Override
  public CompletionStage<TopicPage> topics(String prefix, String after, int limit) {
    return whole.topics(prefix, after, limit);
  }

  @Override
  public CompletionStage<Long> placeAt(int partition, Instant time) {
    return whole.placeAt(partition, time);
  }

  @Override
  public Nodes nodes() {
    return durable.nodes();
  }

  @Override
  public Interest follow(CommitListener listener) {
    return whole.follow(listener);
  }

  @Override
  public void close() {
    whole.close();
  }
}
