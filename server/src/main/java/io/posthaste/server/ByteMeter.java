package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/**
 * Counts what passes between the socket and a handler that makes other bytes of ours, as TLS does.
 * Stands next to the socket.
 */
final class ByteMeter extends ChannelDuplexHandler {
  private final Traffic traffic;
  private long written;

  ByteMeter(Traffic traffic) {
    this.traffic = traffic;
  }

  /** Bytes given to the channel's queue so far. */
  long written() {
    return written;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof ByteBuf bytes) {
      traffic.onBytesIn(bytes.readableBytes());
    }
    context.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    if (message instanceof ByteBuf bytes) {
      int length = bytes.readableBytes();
      written += length;
      traffic.onBytesOut(length);
    }
    context.write(message, promise);
  }
}
