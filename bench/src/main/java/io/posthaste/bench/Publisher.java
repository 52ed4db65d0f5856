package io.posthaste.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A publishing connection: sends what is due, pipelined up to a depth, and times the answers. Its
 * event loop's only.
 */
final class Publisher extends ChannelInboundHandlerAdapter implements AnswerParser.Sink {
  private final RunState state;
  private final AnswerParser parser = new AnswerParser(this);
  private final byte[] padding;
  private final byte[][] heads;
  private final int[] sent;
  private final long[] sentAt;
  private int[] due = new int[1024];
  private int dueHead;
  private int dueCount;
  private int sentHead;
  private int sentCount;
  private int status;
  private boolean broken;
  private @Nullable ChannelHandlerContext context;

  Publisher(RunState state) {
    this.state = state;
    this.heads = new byte[state.load.publishedTopics()][];
    this.sent = new int[state.load.depth()];
    this.sentAt = new long[state.load.depth()];
    this.padding = "x".repeat(state.load.size() - Stamp.BYTES).getBytes(StandardCharsets.US_ASCII);
  }

  /** Takes the next message, by its number in the run; {@link #drain} sends it. */
  void offer(int message) {
    if (dueCount == due.length) {
      int[] wider = new int[2 * due.length];
      for (int i = 0; i < dueCount; i++) {
        wider[i] = due[(dueHead + i) % due.length];
      }
      due = wider;
      dueHead = 0;
    }
    due[(dueHead + dueCount++) % due.length] = message;
  }

  /** Sends what was offered as far as the depth allows. */
  void drain() {
    ChannelHandlerContext ctx = context;
    if (broken || ctx == null) {
      while (dueCount > 0) {
        giveUp(takeDue());
      }
      return;
    }
    if (dueCount == 0 || sentCount == sent.length) {
      return;
    }
    ByteBuf out =
        ctx.alloc().directBuffer(Math.min(dueCount, sent.length) * (state.load.size() + 256));
    long now = System.nanoTime();
    while (dueCount > 0 && sentCount < sent.length) {
      int message = takeDue();
      long dueAt = state.dueAt(message);
      write(out, message, dueAt);
      int slot = (sentHead + sentCount++) % sent.length;
      sent[slot] = message;
      sentAt[slot] = now;
      state.lateness.recordValue(Math.max(1, now - state.origin - dueAt));
    }
    ctx.writeAndFlush(out);
  }

  private int takeDue() {
    int message = due[dueHead];
    dueHead = (dueHead + 1) % due.length;
    dueCount--;
    return message;
  }

  private void write(ByteBuf out, int message, long dueAt) {
    int topic = state.topicOf(message);
    byte[] head = heads[topic];
    if (head == null) {
      head =
          (Template.fill(state.target.publish(), state.runText, topic, 0)
                  + "Content-Length: "
                  + state.load.size()
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8);
      heads[topic] = head;
    }
    out.writeBytes(head);
    Stamp.write(out, state.run, topic, state.seqOf(message), dueAt);
    out.writeBytes(padding);
    state.published[topic] = state.seqOf(message) + 1;
  }

  private void giveUp(int message) {
    int topic = state.topicOf(message);
    int seq = state.seqOf(message);
    state.published[topic] = Math.max(state.published[topic], seq + 1);
    state.publishFailed(topic, seq, "a publishing connection is gone");
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    int length = in.readableBytes();
    in.readBytes(state.scratch, 0, length);
    in.release();
    state.now = System.nanoTime();
    parser.feed(state.scratch, 0, length);
    drain();
  }

  @Override
  public void status(int code) {
    status = code;
  }

  @Override
  public void header(byte[] bytes, int from, int length) {}

  @Override
  public void body(byte[] bytes, int from, int length) {}

  @Override
  public void end() {
    if (sentCount == 0) {
      throw new AnswerParser.MalformedAnswer("an answer to no publish");
    }
    int message = sent[sentHead];
    long took = state.now - sentAt[sentHead];
    sentHead = (sentHead + 1) % sent.length;
    sentCount--;
    if (status >= 200 && status < 300) {
      state.acks.recordValue(Math.max(1, took));
      state.acknowledged(message);
    } else {
      state.publishFailed(
          state.topicOf(message), state.seqOf(message), "a publish was answered with " + status);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    broke("closed by the server");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    broke(String.valueOf(cause.getMessage()));
    ctx.close();
  }

  private void broke(String why) {
    if (broken || state.closing) {
      return;
    }
    broken = true;
    state.failure("a publishing connection broke: " + why);
    for (; sentCount > 0; sentCount--) {
      giveUp(sent[sentHead]);
      sentHead = (sentHead + 1) % sent.length;
    }
    drain();
  }
}
