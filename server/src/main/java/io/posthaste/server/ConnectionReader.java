package io.posthaste.server;

import io.posthaste.core.Cursor;
import io.posthaste.core.Message;
import io.posthaste.core.Reader;
import io.posthaste.core.Receiver;
import io.posthaste.core.TopicPattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of the readers of a connection that may have many: knows which place its client was told last
 * and whether it waits for room in the socket. To be used by its shard's thread only.
 */
public abstract class ConnectionReader implements Receiver {
  private final List<TopicPattern> topics;
  private @Nullable Reader reader;
  private boolean isStarted; // the reader's place is known
  private boolean waits;
  private int toldHash; // of the cursor that was told last: idle readers are many, cursors large

  /** A reader of these topics that does not read yet. */
  protected ConnectionReader(List<TopicPattern> topics) {
    this.topics = topics;
  }

  /** Sends a message; returns whether there is room for another. */
  protected abstract boolean send(Message message, @Nullable Cursor cursor);

  /** Tells the client the place that the reader begins at. */
  protected abstract void begin(Cursor place);

  /** The connection shall {@link #resume} this reader when there is room in the socket. */
  protected abstract void waitForRoom();

  /** Reads by this one, that is to be closed by {@link #close}. */
  public final void reads(Reader reader) {
    this.reader = reader;
  }

  /** What it reads. */
  public final List<TopicPattern> topics() {
    return topics;
  }

  @Override
  public final void onStarted(Reader reader) {
    Cursor place = reader.cursor();
    isStarted = true;
    toldHash = place.hashCode();
    begin(place);
  }

  @Override
  public final boolean onMessage(Reader reader, Message message) {
    // The id of a message is a cursor already if only its partition is read.
    boolean more = send(message, reader.readsOnePartition() ? null : reader.cursor());
    if (!more && !waits) {
      waits = true;
      waitForRoom();
    }
    return more;
  }

  /** There is room in the socket again. */
  public final void resume() {
    waits = false;
    Reader reads = reader;
    if (reads != null) {
      reads.resume();
    }
  }

  /** Where the reader stands, if it has moved since the client was told last; else null. */
  public final @Nullable Cursor untold() {
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

  /** Reads no more. */
  public final void close() {
    Reader reads = reader;
    if (reads != null) {
      reads.close();
    }
  }
}
