package io.posthaste.door.web;

import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Reader;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.ConnectionReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the readers of a WebSocket. */
final class SocketReader extends ConnectionReader {
  private final SocketConnection connection;
  private final @Nullable String ref;

  /**
   * @param ref as the client spelt it, JSON
   */
  SocketReader(SocketConnection connection, @Nullable String ref, List<TopicPattern> topics) {
    super(topics);
    this.connection = connection;
    this.ref = ref;
  }

  /** What the client calls it; null if it gave it no name. */
  @Nullable String ref() {
    return ref;
  }

  /** What it is found by among the readers of its connection. */
  Object key() {
    return ref == null ? this : ref;
  }

  @Override
  protected void begin(Cursor place) {
    connection.sendPlace(ref, place);
    connection.flushSoon();
  }

  @Override
  protected boolean send(Message message, @Nullable Cursor cursor) {
    return connection.sendMessage(message, cursor);
  }

  @Override
  protected void waitForRoom() {
    connection.waitsForRoom(this);
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
    connection.readerFailed(this, failure);
  }
}
