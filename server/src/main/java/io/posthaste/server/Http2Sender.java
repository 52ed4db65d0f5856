package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.posthaste.core.Wheel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of an {@link Http2Connection}, as we send on it: its own entry in the shard's wheel.
 * What its peer's flow control holds back for as long as the stall limit, without a byte taken, is
 * its end; the other streams of the connection go on.
 */
abstract class Http2Sender extends Wheel.Entry {
  private static final Logger LOG = LoggerFactory.getLogger(Http2Sender.class);

  final Http2Connection connection;
  final Http2Stream stream;
  private long timerAt; // 0: not set
  private long granted; // bytes that the peer has allowed, beside those at the beginning
  private long sentThen; // bytes sent, to a constant, at stalledSince
  private long stalledSince; // 0: nothing waits
  private boolean closed;
  private @Nullable BodyListener receiver;

  Http2Sender(Http2Connection connection, Http2Stream stream) {
    this.connection = connection;
    this.stream = stream;
  }

  /** More can be written again. */
  abstract void onRoom();

  /** The time set by {@link #setTimer} has come. */
  abstract void onTimer();

  /** The server is going down. */
  abstract void onShutdown(int retryMillis);

  /** Who may what has changed. */
  abstract void onAccessChanged();

  /** What the stream is used for. */
  abstract Use use();

  /** The stream is no more. Called once, last. */
  abstract void onClosed();

  /** Says who is given the body as it comes. */
  final void giveBodyTo(BodyListener listener) {
    receiver = listener;
  }

  final boolean isReceived() {
    return receiver != null;
  }

  /** A part of the request's body has come. Borrowed. */
  void onData(ByteBuf data, boolean isLast) {
    BodyListener listener = receiver;
    if (listener == null || closed) {
      return; // nobody wants it any more
    }
    try {
      if (data.isReadable()) {
        listener.onBytes(data);
      }
      if (isLast) {
        listener.onEnd();
      }
    } catch (RuntimeException e) { // the codec would end the connection
      LOG.error("a body was not received peer={}", connection.peer(), e);
      connection.reset(stream, Http2Error.INTERNAL_ERROR);
    }
  }

  /** Queues a part of the body, taken over. */
  final void write(ByteBuf data, boolean isLast) {
    if (closed) {
      data.release();
      return;
    }
    connection.write(stream, data, isLast);
    if (stalledSince == 0 && connection.isHeldBack(stream)) {
      stalledSince = Connection.now();
      sentThen = sent();
      arm();
    }
  }

  final boolean hasRoom() {
    return closed || connection.hasRoom(stream);
  }

  final boolean isClosed() {
    return closed;
  }

  final void setTimer(long millis) {
    timerAt = Connection.now() + millis;
    arm();
  }

  final void clearTimer() {
    timerAt = 0;
    arm();
  }

  /** The peer allows so many bytes more. */
  final void onGranted(int bytes) {
    granted += bytes;
  }

  final void close() {
    if (!closed) {
      closed = true;
      connection.shard().wheel().cancel(this);
      onClosed();
    }
  }

  /** Another takes the stream over; this one hears no more of it. */
  final void leaveTo(Http2Sender successor) {
    closed = true;
    connection.shard().wheel().cancel(this);
    successor.granted = granted;
    successor.receiver = receiver;
  }

  @Override
  protected final void onDeadline() {
    long now = Connection.now();
    if (isStalled(now)) {
      LOG.debug("cut=stalled peer={} stream={}", connection.peer(), stream.id());
      connection.loop().traffic().onStallCut();
      connection.reset(stream, Http2Error.CANCEL);
      return;
    }
    if (timerAt != 0 && now >= timerAt) {
      timerAt = 0;
      onTimer();
    }
    if (!closed) {
      arm();
    }
  }

  private boolean isStalled(long now) {
    if (stalledSince == 0) {
      return false;
    }
    long sent = sent();
    if (!connection.isHeldBack(stream)) {
      stalledSince = 0;
    } else if (sent != sentThen) {
      sentThen = sent;
      stalledSince = now;
    }
    return stalledSince != 0 && now - stalledSince >= connection.stallMillis();
  }

  private long sent() {
    return granted - connection.window(stream);
  }

  private void arm() {
    if (closed) {
      return;
    }
    long now = Connection.now();
    long due = timerAt == 0 ? Long.MAX_VALUE : timerAt;
    if (stalledSince != 0) {
      due = Math.min(due, now + connection.stallMillis() / 4);
    }
    if (due == Long.MAX_VALUE) {
      connection.shard().wheel().cancel(this);
    } else {
      connection.shard().wheel().set(this, Math.max(0, due - now));
    }
  }
}
