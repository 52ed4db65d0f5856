package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** Gathers the body of a request that HTTP/2 brings in frames, up to a limit. */
final class Http2Body {
  private static final int FIRST_CAPACITY = 16 << 10;

  private final ByteBufAllocator alloc;
  private final int limit;
  private ByteBuf gathered = Unpooled.EMPTY_BUFFER;

  Http2Body(ByteBufAllocator alloc, int limit) {
    this.alloc = alloc;
    this.limit = limit;
  }

  /** How many bytes have been received of it. */
  int received() {
    return gathered.readableBytes();
  }

  /**
   * Adds what a frame brought. Borrows it.
   *
   * @throws Refusal if that is too much
   */
  void add(ByteBuf data) {
    int length = data.readableBytes();
    if (length > limit - received()) {
      throw Http1Body.tooLarge(limit);
    }
    if (gathered == Unpooled.EMPTY_BUFFER && length > 0) {
      gathered = alloc.buffer(Math.min(limit, Math.max(length, FIRST_CAPACITY)), limit);
    }
    gathered.writeBytes(data, data.readerIndex(), length);
  }

  /** The body, which the caller owns from now on. */
  ByteBuf take() {
    ByteBuf body = gathered;
    gathered = Unpooled.EMPTY_BUFFER;
    return body;
  }

  void release() {
    take().release();
  }
}
