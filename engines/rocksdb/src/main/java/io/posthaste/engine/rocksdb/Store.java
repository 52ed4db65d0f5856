package io.posthaste.engine.rocksdb;

import io.posthaste.core.Epoch;
import io.posthaste.core.Forgotten;
import io.posthaste.core.LogException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractImmutableNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WALRecoveryMode;

/**
 * The files of the durable partition: {@code FORMAT}, which tells the layout's version, and RocksDB
 * in {@code log/}. Opens, copies and closes them. The default column family has
 *
 * <pre>
 * epoch        the log's identity
 * generation   how often the directory was opened
 * memory       which topics live in memory, as rules
 * state        head, highest lost sequence, last time, as of the last removal or close
 * forgotten    a table of what topics lost of which nothing is left
 * swept/AGE    up to which sequence messages that are kept for so many seconds were looked at
 * </pre>
 */
final class Store implements AutoCloseable {
  static final byte[] EPOCH = Layout.utf8("epoch");
  static final byte[] GENERATION = Layout.utf8("generation");
  static final byte[] MEMORY = Layout.utf8("memory");
  static final byte[] STATE = Layout.utf8("state");
  static final byte[] FORGOTTEN = Layout.utf8("forgotten");

  static final String FORMAT = "posthaste-log 1\n";
  private static final String FORMAT_FILE = "FORMAT";
  private static final String LOG_FOLDER = "log";
  private static final long MIB = 1 << 20;

  private final Path directory;
  private final List<AbstractImmutableNativeReference> owned = new ArrayList<>();
  private final List<ColumnFamilyHandle> families = new ArrayList<>();
  final RocksDB db;
  final ColumnFamilyHandle meta;
  final ColumnFamilyHandle log;
  final ColumnFamilyHandle index;
  final ColumnFamilyHandle keys;

  /**
   * Opens the directory; an absent or empty one becomes a new log.
   *
   * @throws LogException if it cannot be opened: the message says why and what would help
   */
  static Store open(RocksLog.Options options) {
    try {
      return new Store(options);
    } catch (RocksDBException e) {
      String reason = String.valueOf(e.getMessage());
      if (reason.contains("lock")) {
        throw new LogException(
            options.directory()
                + " is in use by another process (expected: one server a data directory)",
            e);
      }
      throw new LogException("cannot open the log in " + options.directory() + ": " + reason, e);
    } catch (IOException e) {
      throw new LogException("cannot open the log in " + options.directory() + ": " + e, e);
    }
  }

  private Store(RocksLog.Options options) throws IOException, RocksDBException {
    directory = options.directory();
    boolean fresh = checkFormat(directory);
    Files.createDirectories(directory);
    RocksDB.loadLibrary();
    RocksDB opened = null;
    try {
      opened = openDatabase(options);
      db = opened;
      meta = families.get(0);
      log = families.get(1);
      index = families.get(2);
      keys = families.get(3);
      if (fresh || db.get(EPOCH) == null) {
        db.put(EPOCH, Layout.utf8(Epoch.random()));
        db.put(GENERATION, Layout.longs(-1));
        db.flushWal(true);
        Files.writeString(directory.resolve(FORMAT_FILE), FORMAT);
      }
    } catch (IOException | RocksDBException e) {
      closeAll(opened);
      throw e;
    }
  }

  /** Whether the directory holds a log, of whatever version. */
  static boolean isLog(Path directory) {
    return Files.exists(directory.resolve(FORMAT_FILE));
  }

  /** Whether the directory holds no log yet; refuses one that this version cannot read. */
  private static boolean checkFormat(Path directory) throws IOException {
    Path format = directory.resolve(FORMAT_FILE);
    if (Files.exists(format)) {
      String found = Files.readString(format, StandardCharsets.UTF_8);
      if (!found.equals(FORMAT)) {
        throw new LogException(
            format
                + " says \""
                + found.strip()
                + "\" (expected: \""
                + FORMAT.strip()
                + "\"): the log was written by another version of Posthaste; use that version,"
                + " or another directory");
      }
      return false;
    }
    Path files = directory.resolve(LOG_FOLDER);
    if (Files.exists(files.resolve("CURRENT"))) {
      try (Stream<Path> inside = Files.list(files)) {
        if (inside.anyMatch(file -> file.toString().endsWith(".sst"))) {
          throw new LogException(
              directory
                  + " has a log but no "
                  + FORMAT_FILE
                  + " file (expected: a whole data directory, or an empty one)");
        }
      }
    }
    return true;
  }

  private <T extends AbstractImmutableNativeReference> T own(T reference) {
    owned.add(reference);
    return reference;
  }

  private RocksDB openDatabase(RocksLog.Options options) throws RocksDBException {
    // A small limit of disk asks for small pieces: what is not yet merged counts too.
    long wal = Math.max(MIB, Math.min(64 * MIB, options.maxDiskBytes() / 8));
    long buffer = Math.max(MIB / 4, Math.min(16 * MIB, wal / 4));
    LRUCache cache = own(new LRUCache(options.cacheBytes()));
    BlockBasedTableConfig blocks =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setFilterPolicy(own(new BloomFilter(10)))
            .setCacheIndexAndFilterBlocks(true)
            .setPinL0FilterAndIndexBlocksInCache(true)
            .setOptimizeFiltersForMemory(true)
            .setBlockSize(8 << 10)
            .setFormatVersion(5);
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    for (String name : List.of("default", "log", "index", "keys")) {
      boolean large = name.equals("log") || name.equals("index");
      ColumnFamilyOptions family =
          own(large ? soonMerged() : new ColumnFamilyOptions())
              .setTableFormatConfig(blocks)
              .setCompressionType(CompressionType.LZ4_COMPRESSION)
              .setLevelCompactionDynamicLevelBytes(true)
              .setWriteBufferSize(large ? buffer : Math.min(buffer, 2 * MIB))
              .setMaxWriteBufferNumber(3)
              .setTargetFileSizeBase(Math.max(MIB, buffer))
              .setMaxBytesForLevelBase(8 * Math.max(MIB, buffer));
      descriptors.add(new ColumnFamilyDescriptor(Layout.utf8(name), family));
    }
    DBOptions database =
        own(new DBOptions())
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setMaxTotalWalSize(wal)
            .setMaxOpenFiles(512)
            .setMaxBackgroundJobs(2)
            .setBytesPerSync(MIB)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setKeepLogFileNum(2)
            .setMaxLogFileSize(MIB)
            .setMaxManifestFileSize(4 * MIB)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            // What follows a torn record was never acknowledged: the log ends before it.
            .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery);
    return RocksDB.open(database, directory.resolve(LOG_FOLDER).toString(), descriptors, families);
  }

  /**
   * Files in which every second entry is a removal are merged soon, so that space returns. Only the
   * older kind of options can be told so.
   */
  private ColumnFamilyOptions soonMerged() {
    TablePropertiesCollectorFactory removals =
        own(
            TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
                8_192, 4_096, 0.5));
    Options options = own(new Options());
    options.setTablePropertiesCollectorFactory(List.of(removals));
    return new ColumnFamilyOptions(options);
  }

  String epoch() {
    return new String(required(EPOCH), StandardCharsets.UTF_8);
  }

  byte @Nullable [] find(byte[] name) {
    try {
      return db.get(name);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  private byte[] required(byte[] name) {
    byte[] value = find(name);
    if (value == null) {
      throw new LogException(
          directory
              + " lacks its \""
              + new String(name, StandardCharsets.UTF_8)
              + "\" (expected: a whole data directory)");
    }
    return value;
  }

  void put(byte[] name, byte[] value) {
    try {
      db.put(name, value);
      db.flushWal(true);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  long generation() {
    return Layout.longAt(required(GENERATION), 0);
  }

  Forgotten forgotten() {
    byte[] bytes = find(FORGOTTEN);
    return bytes == null ? new Forgotten(0) : Forgotten.of(bytes);
  }

  /** Bytes of all files. */
  long diskBytes() {
    try (Stream<Path> files = Files.list(directory.resolve(LOG_FOLDER))) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new LogException("cannot list " + directory + ": " + e, e);
    }
  }

  /**
   * Bytes of the files that hold messages for good; what was appended last also stands in the
   * write-ahead log.
   */
  long fileBytes() {
    try {
      return db.getAggregatedLongProperty("rocksdb.total-sst-files-size");
    } catch (RocksDBException e) {
      throw new LogException("cannot tell the size of " + directory + ": " + e.getMessage(), e);
    }
  }

  /** Whether nobody reads what stood before this write: what was removed by then can go. */
  boolean unseenBefore(long write) throws RocksDBException {
    long oldest = db.getLongProperty("rocksdb.oldest-snapshot-sequence");
    return oldest == 0 || oldest >= write;
  }

  /** Gives back the space of what was removed from the log up to this sequence. Takes its time. */
  void reclaim(long through) throws RocksDBException {
    try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      db.flush(flush, families);
    }
    byte[] first = Layout.sequenceKey(0);
    try (RocksIterator kept = db.newIterator(log)) {
      kept.seekToFirst();
      if (kept.isValid()) {
        db.deleteFilesInRanges(log, List.of(first, kept.key()), false);
      }
    }
    // The lowest level too: what was removed while a view could still see it may have come down
    // there together with its
    // removal, and would stay for ever.
    try (CompactRangeOptions all =
        new CompactRangeOptions()
            .setBottommostLevelCompaction(BottommostLevelCompaction.kForceOptimized)) {
      db.compactRange(log, first, Layout.sequenceKey(through + 1), all);
      db.compactRange(index, null, null, all);
    }
  }

  /**
   * Writes a copy as of now into a directory that is absent or empty. On the same file system it
   * shares files with the log and takes no space at first.
   */
  void copyTo(Path target) {
    try {
      requireEmpty(target);
      Files.createDirectories(target);
      try (Checkpoint checkpoint = Checkpoint.create(db)) {
        checkpoint.createCheckpoint(target.resolve(LOG_FOLDER).toString());
      }
      Files.writeString(target.resolve(FORMAT_FILE), FORMAT); // last: now it is whole
    } catch (RocksDBException | IOException e) {
      throw new LogException("cannot back up to " + target + ": " + e.getMessage(), e);
    }
  }

  /** Copies the files of a backup into a directory that is absent or empty. */
  static void copyFiles(Path backup, Path directory) {
    try {
      if (!Files.exists(backup.resolve(FORMAT_FILE))) {
        throw new LogException(
            backup + " is no whole backup (expected: a directory with " + FORMAT_FILE + " in it)");
      }
      checkFormat(backup);
      requireEmpty(directory);
      Files.createDirectories(directory.resolve(LOG_FOLDER));
      try (Stream<Path> files = Files.list(backup.resolve(LOG_FOLDER))) {
        for (Path file : files.toList()) {
          Files.copy(file, directory.resolve(LOG_FOLDER).resolve(file.getFileName()));
        }
      }
      Files.copy(backup.resolve(FORMAT_FILE), directory.resolve(FORMAT_FILE));
    } catch (IOException e) {
      throw new LogException("cannot restore " + backup + " to " + directory + ": " + e, e);
    }
  }

  private static void requireEmpty(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> inside = Files.list(directory)) {
        if (inside.findAny().isPresent()) {
          throw new LogException(
              directory + " is not empty (expected: a new directory)",
              new DirectoryNotEmptyException(directory.toString()));
        }
      }
    }
  }

  static LogException failed(RocksDBException e) {
    return new LogException("the log's disk failed: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    closeAll(db);
  }

  private void closeAll(@Nullable RocksDB opened) {
    families.forEach(ColumnFamilyHandle::close);
    families.clear();
    if (opened != null) {
      opened.close();
    }
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).close();
    }
    owned.clear();
  }
}
