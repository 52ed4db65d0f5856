package io.posthaste.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A WebSocket with one reader or, if the opening has a frame, many. */
final class WebSocketConnection extends ReaderConnection implements FrameParser.Sink {
  private static final int PONG = 0x8a;
  private static final int TEXT = 0x81;

  private final FrameParser frames = new FrameParser(this);
  private final @Nullable TextFinder ready;
  private int answered;

  WebSocketConnection(RunState state, int index, Opening opening) {
    super(state, index, opening);
    String text = opening.ready();
    this.ready = text == null ? null : new TextFinder(text);
  }

  @Override
  public void headEnd() {
    ChannelHandlerContext ctx = context;
    if (status != 101 || ctx == null) {
      fail("a WebSocket was answered with " + status);
      return;
    }
    String frame = opening.frame();
    if (frame != null) {
      int topics = state.load.topics();
      for (int ref = 0; ref < state.load.subscriptions(); ref++) {
        String text = Template.fill(frame, state.runText, (topic + ref) % topics, ref);
        ctx.write(masked(ctx, TEXT, text.getBytes(StandardCharsets.UTF_8)));
      }
      ctx.flush();
    }
    if (ready == null) {
      nowWaiting();
    }
  }

  @Override
  public void body(byte[] bytes, int from, int length) {
    frames.feed(bytes, from, length);
  }

  @Override
  public void payload(byte[] bytes, int from, int length) {
    if (ready != null && !isWaiting()) {
      for (int i = from; i < from + length; i++) {
        if (ready.step(bytes[i]) && ++answered == state.load.subscriptions()) {
          nowWaiting();
        }
      }
    }
    scanner.feed(bytes, from, length);
  }

  @Override
  public void frameEnd() {
    if (ready != null) {
      ready.restart();
    }
  }

  @Override
  public void ping(byte[] bytes, int length) {
    if (context != null) {
      context.writeAndFlush(masked(context, PONG, java.util.Arrays.copyOf(bytes, length)));
    }
  }

  @Override
  public void closing() {
    fail("a WebSocket was closed by the server");
  }

  @Override
  public void end() {
    fail("a WebSocket was not upgraded");
  }

  /** A client's frame; the mask is 0, which leaves the bytes as they are (RFC 6455 §5.3). */
  private static ByteBuf masked(ChannelHandlerContext ctx, int first, byte[] payload) {
    ByteBuf out = ctx.alloc().directBuffer(payload.length + 14);
    out.writeByte(first);
    if (payload.length < 126) {
      out.writeByte(0x80 | payload.length);
    } else {
      out.writeByte(0x80 | 126).writeShort(payload.length);
    }
    return out.writeInt(0).writeBytes(payload);
  }
}
