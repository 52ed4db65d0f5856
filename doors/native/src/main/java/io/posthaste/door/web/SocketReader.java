package io.posthaste.door.web;

import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Reader;
import io.posthaste.core.Receiver;
import io.posthaste.core.TopicPattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the readers of a WebSocket. */
final class SocketReader implements Receiver {
  private final SocketConnection connection;
  private final @Nullable String ref;
  private final List<TopicPattern> topics;
  private @Nullable Reader reader;
  private boolean isStarted; // the reader's place is known
  private int toldHash; // of the cursor that was told last: idle readers are many, cursors large
  private boolean waits;

  /**
   * @param ref as the client spelt it, JSON
   */
  SocketReader(SocketConnection connection, @Nullable String ref, List<TopicPattern> topics) {
    this.connection = connection;
    this.ref = ref;
    this.topics = topics;
  }

  void reads(Reader reader) {
    this.reader = reader;
  }

  /** What the client calls it; null if it gave it no name. */
  @Nullable String ref() {
    return ref;
  }

  /** What it is found by among the readers of its connection. */
  Object key() {
    return ref == null ? this : ref;
  }

  List<TopicPattern> topics() {
    return topics;
  }

  @Override
  public void onStarted(Reader reader) {
    Cursor place = reader.cursor();
    isStarted = true;
    toldHash = place.hashCode();
    connection.sendPlace(ref, place);
    connection.flushSoon();
  }

  @Override
  public boolean onMessage(Reader reader, Message message) {
    boolean more =
        connection.sendMessage(message, reader.readsOnePartition() ? null : reader.cursor());
    if (!more && !waits) {
      waits = true;
      connection.waitsForRoom(this);
    }
    return more;
  }

  @Override
  public void onMissed(Reader reader, List<Gap> gaps) {
    connection.sendMissed(ref, gaps, reader.cursor());
  }

  @Override
  public void onBatchEnd(Reader reader, boolean caughtUp) {
    connection.batchEnded();
  }

  @Override
  public void onFailed(Reader reader, LogException failure) {
    connection.readerFailed(this);
  }

  /** There is room in the socket again. */
  void resume() {
    waits = false;
    Reader reads = reader;
    if (reads != null) {
      reads.resume();
    }
  }

  /** Where the reader stands, if it has moved since the client was told last; else null. */
  @Nullable Cursor untold() {
    Reader reads = reader;
    if (reads == null || !isStarted) {
      return null;
    }
    Cursor now = reads.cursor();
    if (now.hashCode() == toldHash) {
      return null;
    }
    toldHash = now.hashCode();
    return now;
  }

  void close() {
    Reader reads = reader;
    if (reads != null) {
      reads.close();
    }
  }
}
