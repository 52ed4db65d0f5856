package io.posthaste.door.tcp;

import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Reader;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.ConnectionReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the readers of a connection. */
final class TcpReader extends ConnectionReader {
  private final TcpSession session;
  private final long ref;

  TcpReader(TcpSession session, long ref, List<TopicPattern> topics) {
    super(topics);
    this.session = session;
    this.ref = ref;
  }

  long ref() {
    return ref;
  }

  @Override
  protected void begin(Cursor place) {
    session.sendPlace(ref, place);
    session.flushSoon();
  }

  @Override
  protected boolean send(Message message, @Nullable Cursor cursor) {
    return session.sendMessage(ref, message, cursor == null ? null : cursor.toString());
  }

  @Override
  protected void waitForRoom() {
    session.waitsForRoom(this);
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
}
