package io.posthaste.engine.rocksdb;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;

/** The store as of one moment. For one thread; to be closed soon, as it keeps files from going. */
final class View implements AutoCloseable {
  private final Store store;
  private final Snapshot snapshot;
  private final ReadOptions options;
  private @Nullable RocksIterator index;
  private @Nullable RocksIterator log;

  View(Store store) {
    this.store = store;
    snapshot = store.db.getSnapshot();
    options = new ReadOptions().setSnapshot(snapshot);
  }

  RocksIterator index() {
    RocksIterator iterator = index;
    if (iterator == null) {
      iterator = store.db.newIterator(store.index, options);
      index = iterator;
    }
    return iterator;
  }

  RocksIterator log() {
    RocksIterator iterator = log;
    if (iterator == null) {
      iterator = store.db.newIterator(store.log, options);
      log = iterator;
    }
    return iterator;
  }

  byte @Nullable [] message(long sequence) throws RocksDBException {
    return store.db.get(store.log, options, Layout.sequenceKey(sequence));
  }

  Layout.@Nullable Entry entry(byte[] topic, long sequence) throws RocksDBException {
    byte[] key = Layout.indexKey(topic, sequence);
    byte[] value = store.db.get(store.index, options, key);
    return value == null ? null : Layout.entry(key, value);
  }

  /** The topic's newest message up to this place. Leaves the index there. */
  Layout.@Nullable Entry newest(byte[] topic, long through) {
    index().seekForPrev(Layout.indexKey(topic, through));
    return here(topic);
  }

  /** The topic's oldest message from this place on. Leaves the index there. */
  Layout.@Nullable Entry oldest(byte[] topic, long from) {
    index().seek(Layout.indexKey(topic, from));
    return here(topic);
  }

  /** Where the index stands, if that is in this topic. */
  Layout.@Nullable Entry here(byte[] topic) {
    RocksIterator iterator = index();
    if (!iterator.isValid()) {
      return null;
    }
    byte[] key = iterator.key();
    return Layout.isOf(key, topic) ? Layout.entry(key, iterator.value()) : null;
  }

  /** Reads the beginning of the message where the log stands into the array; tells its size. */
  int peek(ByteBuffer direct, byte[] into) {
    direct.clear();
    int size = log().value(direct);
    direct.position(0);
    direct.get(into, 0, Math.min(into.length, size));
    return size;
  }

  /** Fails if a walk ended for another reason than the end. */
  void check() throws RocksDBException {
    if (index != null) {
      index.status();
    }
    if (log != null) {
      log.status();
    }
  }

  @Override
  public void close() {
    if (index != null) {
      index.close();
    }
    if (log != null) {
      log.close();
    }
    options.close();
    store.db.releaseSnapshot(snapshot);
    snapshot.close();
  }
}
