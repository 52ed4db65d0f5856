package io.posthaste.door.tcp;

import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Reader;
import io.posthaste.core.Receiver;
import io.posthaste.core.TopicPattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the readers of a connection. */
final class TcpReader implements Receiver {
  private final TcpSession session;
  private final long ref;
  private final List<TopicPattern> topics;
  private @Nullable Reader reader;
  private @Nullable Cursor told; // null until the reader's place is known
  private boolean waits;

  TcpReader(TcpSession session, long ref, List<TopicPattern> topics) {
    this.session = session;
    this.ref = ref;
    this.topics = topics;
  }

  void reads(Reader reader) {
    this.reader = reader;
  }

  long ref() {
    return ref;
  }

  List<TopicPattern> topics() {
    return topics;
  }

  @Override
  public void onStarted(Reader reader) {
    Cursor place = reader.cursor();
    told = place;
    session.sendPlace(ref, place);
    session.flushSoon();
  }

  @Override
  public boolean onMessage(Reader reader, Message message) {
    boolean more =
        session.sendMessage(
            ref, message, reader.readsOnePartition() ? null : reader.cursor().toString());
    if (!more && !waits) {
      waits = true;
      session.waitsForRoom(this);
    }
    return more;
  }

  @Override
  public void onMissed(Reader reader, List<Gap> gaps) {
    session.sendMissed(ref, gaps, reader.cursor());
  }

  @Override
  public void onBatchEnd(Reader reader, boolean caughtUp) {
    session.flushSoon();
  }

  @Override
  public void onFailed(Reader reader, LogException failure) {
    session.readerFailed(this);
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
    if (reads == null || told == null) {
      return null;
    }
    Cursor now = reads.cursor();
    if (now.equals(told)) {
      return null;
    }
    told = now;
    return now;
  }

  void close() {
    Reader reads = reader;
    if (reads != null) {
      reads.close();
    }
  }
}
