package io.posthaste.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Lets all connections of one event loop read into the same buffer, because each is done with it
 * before the next reads. So a delivery allocates nothing.
 */
final class SharedReceiveBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
  static final int BYTES = 64 * 1024;

  private final ByteBuf buffer = Unpooled.directBuffer(BYTES, BYTES);

  @Override
  @SuppressWarnings("deprecation")
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return BYTES;
      }

      @Override
      public ByteBuf allocate(ByteBufAllocator unused) {
        return buffer.clear().retain();
      }
    };
  }

  /** Gives the buffer back; after the last connection is closed. */
  void free() {
    buffer.release();
  }
}
