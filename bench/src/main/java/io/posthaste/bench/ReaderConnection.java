package io.posthaste.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/** One connection on which readers wait. Its event loop's only. */
abstract sealed class ReaderConnection extends ChannelInboundHandlerAdapter
    implements AnswerParser.Sink, StampScanner.Listener
    permits StreamConnection, PollConnection, WebSocketConnection {
  final RunState state;
  final int index;
  final int topic;
  final Opening opening;
  final StampScanner scanner = new StampScanner(this);
  final AnswerParser parser = new AnswerParser(this);
  int status;
  private boolean isWaiting;
  private boolean isGone;
  @Nullable ChannelHandlerContext context;

  ReaderConnection(RunState state, int index, Opening opening) {
    this.state = state;
    this.index = index;
    this.opening = opening;
    this.topic = (int) ((long) index * state.load.subscriptions() % state.load.topics());
  }

  static ReaderConnection of(RunState state, int index) {
    Technique technique = state.load.technique();
    Opening opening = state.target.opening(technique);
    return switch (technique) {
      case SSE, NDJSON -> new StreamConnection(state, index, opening);
      case LONG_POLL -> new PollConnection(state, index, opening);
      case WEBSOCKET -> new WebSocketConnection(state, index, opening);
    };
  }

  /** Called once, when the connection waits for messages. */
  final void nowWaiting() {
    if (isWaiting) {
      return;
    }
    isWaiting = true;
    state.waiting++;
    if (index < state.load.stalled() && context != null) {
      context.channel().config().setAutoRead(false);
    }
  }

  final boolean isWaiting() {
    return isWaiting;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    ctx.writeAndFlush(text(ctx, filled(opening.first())));
  }

  /** A request of this connection's own. */
  final String filled(String request) {
    return Template.fill(request, state.runText, topic, 0)
        .replace("{connection}", Integer.toString(index));
  }

  static ByteBuf text(ChannelHandlerContext ctx, String text) {
    ByteBuf out = ctx.alloc().directBuffer(text.length() + 16);
    out.writeCharSequence(text, java.nio.charset.StandardCharsets.UTF_8);
    return out;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    int length = in.readableBytes();
    byte[] scratch = state.scratch;
    in.readBytes(scratch, 0, length);
    in.release();
    state.now = System.nanoTime();
    parser.feed(scratch, 0, length);
  }

  @Override
  public void status(int code) {
    status = code;
  }

  @Override
  public void header(byte[] bytes, int from, int length) {}

  @Override
  public void stamp(int run, int stampTopic, int seq, long due) {
    state.stamp(index, run, stampTopic, seq, due);
  }

  @Override
  public void unreadable() {
    state.stray++;
  }

  /** The server did what the reader can't go on from. */
  final void fail(String why) {
    gone(why);
    if (context != null) {
      context.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone("a reader's connection was closed by the server");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    gone("a reader's connection broke: " + cause.getMessage());
    ctx.close();
  }

  private void gone(String why) {
    if (!isGone && !state.closing) {
      isGone = true;
      state.lostConnections++;
      state.failure(why);
    }
  }
}
