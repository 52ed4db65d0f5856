package io.posthaste.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A long-polling reader: asks, is held, reads, asks again from the place that it was told. */
final class PollConnection extends ReaderConnection {
  private static final int REQUEST_BYTES = 512;

  private final CursorValue[] values;
  private final @Nullable TextFinder[] finders;
  private final Template next;
  private int capturing = -1;

  PollConnection(RunState state, int index, Opening opening) {
    super(state, index, opening);
    List<CursorSource> sources = opening.cursors();
    values = new CursorValue[sources.size()];
    finders = new TextFinder[sources.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = new CursorValue();
      if (sources.get(i) instanceof CursorSource.Body body) {
        finders[i] = new TextFinder(body.after());
      }
    }
    String text = opening.next() == null ? opening.first() : opening.next();
    next = Template.of(filled(text));
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    super.channelActive(ctx);
    if (opening.firstIsHeld()) {
      nowWaiting();
    }
  }

  @Override
  public void status(int code) {
    super.status(code);
    for (int i = 0; i < values.length; i++) {
      TextFinder finder = finders[i];
      if (finder != null) {
        finder.restart();
      }
    }
    capturing = -1;
  }

  @Override
  public void header(byte[] bytes, int from, int length) {
    List<CursorSource> sources = opening.cursors();
    for (int i = 0; i < values.length; i++) {
      if (sources.get(i) instanceof CursorSource.Header header
          && AnswerParser.named(bytes, from, length, header.name())) {
        values[i].clear();
        int at = from + header.name().length() + 1;
        while (at < from + length && bytes[at] == ' ') {
          at++;
        }
        for (; at < from + length; at++) {
          values[i].append(bytes[at]);
        }
      }
    }
  }

  @Override
  public void body(byte[] bytes, int from, int length) {
    scanner.feed(bytes, from, length);
    for (int slot = 0; slot < values.length; slot++) {
      TextFinder finder = finders[slot];
      if (finder != null) {
        find(slot, finder, bytes, from, length);
      }
    }
  }

  private void find(int slot, TextFinder finder, byte[] bytes, int from, int length) {
    char until = ((CursorSource.Body) opening.cursors().get(slot)).until();
    for (int i = from; i < from + length; i++) {
      if (capturing == slot) {
        if (bytes[i] == until) {
          capturing = -1;
        } else {
          values[slot].append(bytes[i]);
        }
      } else if (finder.step(bytes[i])) {
        values[slot].clear();
        capturing = slot;
      }
    }
  }

  @Override
  public void end() {
    ChannelHandlerContext ctx = context;
    if (ctx == null || state.closing) {
      return;
    }
    boolean nothingNew = status == 204 || status == 304 || status == 408;
    if (status != 200 && !nothingNew) {
      fail("a poll was answered with " + status);
      return;
    }
    boolean placed = true;
    for (CursorValue value : values) {
      placed &= !value.isEmpty();
    }
    if (placed) {
      ByteBuf out = ctx.alloc().directBuffer(REQUEST_BYTES);
      next.write(out, values);
      ctx.writeAndFlush(out);
    } else if (nothingNew) {
      ctx.writeAndFlush(text(ctx, filled(opening.first())));
    } else {
      fail("an answer to a poll told no cursor");
      return;
    }
    nowWaiting();
  }
}
