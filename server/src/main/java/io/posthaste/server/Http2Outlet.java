package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** An answer that is being streamed over HTTP/2: each unit is data of its stream. */
final class Http2Outlet extends Http2Sender implements Outlet {
  private final OutletListener listener;
  private long lastWrite;
  private boolean isEnded;

  Http2Outlet(Http2Connection connection, Http2Stream stream, OutletListener listener) {
    super(connection, stream);
    this.listener = listener;
  }

  void begin() {
    connection.loop().traffic().onStreams(1);
    lastWrite = Connection.now();
    setTimer(spreadHeartbeat());
    if (connection.loop().isDraining()) {
      connection.loop().eventLoop().execute(() -> onShutdown(0));
    }
  }

  @Override
  public boolean write(Encoded unit) {
    return add(unit.body().retainedDuplicate());
  }

  @Override
  public boolean write(ByteBuf prefix, Encoded rest) {
    add(prefix);
    return add(rest.body().retainedDuplicate());
  }

  @Override
  public boolean write(ByteBuf unit) {
    return add(unit);
  }

  private boolean add(ByteBuf unit) {
    if (isEnded || isClosed()) {
      unit.release();
      return true;
    }
    lastWrite = Connection.now();
    write(unit, false);
    return hasRoom();
  }

  @Override
  public void flush() {
    connection.flushSoon();
  }

  @Override
  public boolean isWritable() {
    return isEnded || hasRoom();
  }

  @Override
  public void end() {
    end(Map.of());
  }

  @Override
  public void end(Map<String, String> trailers) {
    if (isEnded || isClosed()) {
      return;
    }
    isEnded = true;
    clearTimer();
    if (trailers.isEmpty()) {
      write(Unpooled.EMPTY_BUFFER, true);
    } else {
      connection.writeTrailers(stream, trailers);
    }
    connection.flushSoon();
    connection.loop().traffic().onStreams(-1);
    listener.onClosed();
  }

  @Override
  void onRoom() {
    if (!isEnded) {
      listener.onWritable();
    }
  }

  @Override
  void onTimer() {
    long silent = Connection.now() - lastWrite;
    long heartbeat = connection.heartbeatMillis();
    if (silent >= heartbeat * 8 / 10) {
      listener.onHeartbeat();
      setTimer(spreadHeartbeat());
    } else {
      setTimer(spreadHeartbeat() - silent);
    }
  }

  private long spreadHeartbeat() {
    long heartbeat = connection.heartbeatMillis();
    return heartbeat * 8 / 10 + ThreadLocalRandom.current().nextLong(heartbeat * 3 / 10 + 1);
  }

  @Override
  void onShutdown(int retryMillis) {
    if (!isEnded && !isClosed()) {
      listener.onShutdown(retryMillis);
    }
  }

  @Override
  void onAccessChanged() {
    if (!isEnded && !isClosed()) {
      listener.onAccessChanged();
    }
  }

  @Override
  Use use() {
    return listener.use();
  }

  @Override
  void onClosed() {
    if (!isEnded) {
      isEnded = true;
      connection.loop().traffic().onStreams(-1);
      listener.onClosed();
    }
  }
}
