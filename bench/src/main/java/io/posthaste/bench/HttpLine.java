package io.posthaste.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A connection on which requests are sent and small answers heard. Its event loop's only. */
final class HttpLine extends ChannelInboundHandlerAdapter implements AnswerParser.Sink {

  /** Who sends the requests. */
  interface Caller {
    /** The connection is there, and goes on to be until {@link #broken}. */
    void connected(HttpLine line);

    /** The next answer, in the order of the requests. */
    void answered(HttpLine line, int status, String body);

    /** It could not be made, or ended. */
    void broken(String why);
  }

  private final Caller caller;
  private final AnswerParser parser = new AnswerParser(this);
  private @Nullable ByteArrayOutputStream body;
  private @Nullable ChannelHandlerContext context;
  private int status;

  HttpLine(Caller caller) {
    this.caller = caller;
  }

  void send(String request) {
    ChannelHandlerContext to = context;
    if (to != null) {
      to.writeAndFlush(ByteBufUtil.writeAscii(to.alloc(), request));
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    caller.connected(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    byte[] bytes = ByteBufUtil.getBytes(in);
    in.release();
    parser.feed(bytes, 0, bytes.length);
  }

  @Override
  public void status(int code) {
    status = code;
  }

  @Override
  public void header(byte[] bytes, int from, int length) {}

  @Override
  public void body(byte[] bytes, int from, int length) {
    ByteArrayOutputStream gathered = body == null ? new ByteArrayOutputStream(length) : body;
    gathered.write(bytes, from, length);
    body = gathered;
  }

  @Override
  public void end() {
    String text = body == null ? "" : body.toString(StandardCharsets.UTF_8);
    body = null;
    caller.answered(this, status, text);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    caller.broken("closed by the server");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    caller.broken(String.valueOf(cause.getMessage()));
    ctx.close();
  }
}
