package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * A connection on which an HTTP/1 answer is being streamed: in chunks (RFC 9112, 7.1), or to an
 * HTTP/1.0 client raw until the connection closes. What the client sends meanwhile is dropped; that
 * it closes its sending side is taken as its going.
 */
final class StreamConnection extends Connection implements Outlet {
  private static final ByteBuf LAST_CHUNK =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer().writeByte('0').writeInt(0x0d0a0d0a).asReadOnly());

  private final HttpServer server;
  private final OutletListener listener;
  private final boolean isChunked;
  private boolean isKept;
  private boolean isEnded;

  StreamConnection(
      HttpServer server, Loop loop, OutletListener listener, boolean isChunked, boolean isKept) {
    super(loop, server.limits().connection());
    this.server = server;
    this.listener = listener;
    this.isChunked = isChunked;
    this.isKept = isKept;
  }

  @Override
  public boolean write(Encoded unit) {
    if (isEnded || isGone()) {
      return true;
    }
    sendShared(isChunked ? unit.framed() : unit.body());
    return hasRoom();
  }

  @Override
  public boolean write(ByteBuf prefix, Encoded rest) {
    if (isEnded || isGone()) {
      prefix.release();
      return true;
    }
    if (isChunked) {
      int length = prefix.readableBytes();
      sendChunkSize(length + rest.body().readableBytes(), prefix);
      send(rest.retainedTail());
    } else {
      send(prefix);
      send(rest.body().retainedDuplicate());
    }
    return hasRoom();
  }

  @Override
  public boolean write(ByteBuf unit) {
    if (isEnded || isGone() || !unit.isReadable()) {
      unit.release();
      return true;
    }
    if (isChunked) {
      sendChunkSize(unit.readableBytes(), unit);
      send(alloc().directBuffer(2, 2).writeShort(0x0d0a));
    } else {
      send(unit);
    }
    return hasRoom();
  }

  /** Sends a chunk's size and the small part with which the chunk begins. */
  private void sendChunkSize(int size, ByteBuf begin) {
    String digits = Integer.toHexString(size);
    ByteBuf head = alloc().directBuffer(digits.length() + 2 + begin.readableBytes());
    ByteBufUtil.writeAscii(head, digits);
    head.writeShort(0x0d0a).writeBytes(begin);
    begin.release();
    send(head);
  }

  @Override
  public void flush() {
    flushBytes();
  }

  @Override
  public boolean isWritable() {
    return hasRoom();
  }

  @Override
  public void end() {
    if (isEnded || isGone()) {
      return;
    }
    isEnded = true;
    if (isChunked) {
      send(LAST_CHUNK.duplicate());
    }
    loop().traffic().onStreams(-1);
    if (isKept && !loop().isDraining()) {
      flushBytes();
      if (!isGone()) {
        replaceWith(new Http1Connection(server, loop()));
      }
    } else {
      closeWhenSent();
    }
    listener.onClosed();
  }

  @Override
  protected void onOpened() {
    loop().traffic().onStreams(1);
    startHeartbeats();
    if (loop().isDraining()) {
      loop().eventLoop().execute(() -> onShutdown(0));
    }
  }

  @Override
  protected void onBytes(ByteBuf bytes) {
    isKept = false;
    bytes.release();
  }

  @Override
  protected void onBytesEnd() {
    if (!isEnded) {
      flushBytes(); // the head, should the handler have left it
    }
  }

  @Override
  protected void onRoom() {
    if (!isEnded) {
      listener.onWritable();
    }
  }

  @Override
  protected void onSilence() {
    if (!isEnded) {
      listener.onHeartbeat();
    }
  }

  @Override
  protected void onShutdown(int retryMillis) {
    if (!isEnded && !isGone()) {
      listener.onShutdown(retryMillis);
    }
  }

  @Override
  protected void onAccessChanged() {
    if (!isEnded && !isGone()) {
      listener.onAccessChanged();
    }
  }

  @Override
  protected ConnectionQuota quota() {
    return server.quota();
  }

  @Override
  protected Use use() {
    return listener.use();
  }

  @Override
  protected void onGone() {
    if (!isEnded) {
      isEnded = true;
      loop().traffic().onStreams(-1);
      listener.onClosed();
    }
  }
}
