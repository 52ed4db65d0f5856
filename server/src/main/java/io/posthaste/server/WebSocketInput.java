package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a client's frames (RFC 6455, 5) and puts messages together. Checks everything that the
 * standard has a server check; knows no extension.
 *
 * <pre>
 *    0        1        2               +2 or +8        +4
 *   +--------+--------+---------------+----------------+---------+
 *   |F000 op |1 length| longer length | mask           | payload |
 *   +--------+--------+---------------+----------------+---------+
 * </pre>
 */
final class WebSocketInput {
  /** The code of a close frame that has none. */
  static final int NO_CODE = 1005;

  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int MAX_CONTROL = 125;

  /** Hears what was read. */
  interface Events {
    /** Whether reading goes on. */
    boolean isOpen();

    /** A whole message, valid UTF-8. Borrowed. */
    void onText(ByteBuf text);

    /** A ping. Borrowed. */
    void onPing(ByteBuf payload);

    /** A close frame, with a code that may be answered. */
    void onClose(int code);

    /** The peer broke a rule or a limit. */
    void onBroken(int code, String why);
  }

  private final Events events;
  private final int limit;
  private @Nullable ByteBuf pending; // an incomplete frame
  private @Nullable ByteBuf message; // of fragments so far
  private long received; // since it was last asked about progress
  private boolean hadText; // since then

  WebSocketInput(Events events, int limit) {
    this.events = events;
    this.limit = limit;
  }

  /** Whether nothing incomplete is kept. */
  boolean isIdle() {
    return pending == null && message == null;
  }

  void release() {
    if (pending != null) {
      pending.release();
      pending = null;
    }
    if (message != null) {
      message.release();
      message = null;
    }
  }

  /** Whether a message was completed, or so many bytes came, since this was asked last. */
  boolean hasProgressed(int bytes) {
    boolean enough = hadText || received >= bytes;
    hadText = false;
    received = 0;
    return enough;
  }

  /** Reads on. Takes the bytes over. */
  void read(ByteBufAllocator alloc, ByteBuf bytes) {
    received += bytes.readableBytes();
    ByteBuf in = bytes;
    ByteBuf before = pending;
    if (before != null) {
      pending = null;
      if (before.maxWritableBytes() >= bytes.readableBytes()
          && before.refCnt() == 1
          && !before.isReadOnly()) {
        before.writeBytes(bytes);
        bytes.release();
        in = before;
      } else {
        in = alloc.buffer(before.readableBytes() + bytes.readableBytes());
        in.writeBytes(before).writeBytes(bytes);
        before.release();
        bytes.release();
      }
    }
    try {
      while (events.isOpen() && frame(alloc, in)) {}
    } finally {
      if (events.isOpen() && in.isReadable()) {
        in.discardSomeReadBytes();
        pending = in;
      } else {
        in.release();
      }
      if (!events.isOpen()) {
        release();
      }
    }
  }

  /** Reads a frame if it is whole; says whether another may follow. */
  private boolean frame(ByteBufAllocator alloc, ByteBuf in) {
    if (in.readableBytes() < 2) {
      return false;
    }
    int from = in.readerIndex();
    int first = in.getUnsignedByte(from);
    int second = in.getUnsignedByte(from + 1);
    int opcode = first & 15;
    boolean fin = (first & 0x80) != 0;
    String wrong = wrong(first, second, opcode, fin);
    if (wrong != null) {
      events.onBroken(1002, wrong);
      return false;
    }
    if (opcode == BINARY) {
      events.onBroken(1003, "binary message (expected: text)");
      return false;
    }
    int head = 2;
    long length = second & 0x7f;
    if (length >= 126) {
      int size = length == 126 ? 2 : 8;
      head += size;
      if (in.readableBytes() < head) {
        return false;
      }
      length = size == 2 ? in.getUnsignedShort(from + 2) : in.getLong(from + 2);
      if (length < (size == 2 ? 126 : 1 << 16)) {
        events.onBroken(1002, "length not in its shortest form");
        return false;
      }
    }
    if (opcode < CLOSE && length > limit - (message == null ? 0 : message.readableBytes())) {
      events.onBroken(1009, "message too big (expected: at most " + limit + " bytes)");
      return false;
    }
    if (in.readableBytes() < head + 4 + length) {
      return false;
    }
    int mask = in.getInt(from + head);
    in.skipBytes(head + 4);
    unmask(in, in.readerIndex(), (int) length, mask);
    ByteBuf payload = in.readSlice((int) length);
    if (opcode >= CLOSE) {
      control(opcode, payload);
    } else {
      data(alloc, fin, payload);
    }
    return true;
  }

  private @Nullable String wrong(int first, int second, int opcode, boolean fin) {
    if ((first & 0x70) != 0) {
      return "reserved bits set, but no extension was agreed on";
    }
    if ((second & 0x80) == 0) {
      return "frame not masked";
    }
    if (opcode >= CLOSE) {
      if (opcode > PONG) {
        return "unknown opcode " + opcode;
      }
      return !fin || (second & 0x7f) > MAX_CONTROL ? "control frame fragmented or too long" : null;
    }
    if (opcode > BINARY) {
      return "unknown opcode " + opcode;
    }
    if (opcode == CONTINUATION) {
      return message == null ? "continuation of nothing" : null;
    }
    return message != null ? "new message within a fragmented one" : null;
  }

  private void data(ByteBufAllocator alloc, boolean fin, ByteBuf payload) {
    ByteBuf whole = payload;
    if (!fin || message != null) {
      if (message == null) {
        message = alloc.buffer(Math.min(limit, Math.max(256, payload.readableBytes())), limit);
      }
      message.writeBytes(payload);
      whole = message;
    }
    if (!fin) {
      return;
    }
    message = null;
    hadText = true;
    try {
      if (ByteBufUtil.isText(whole, StandardCharsets.UTF_8)) {
        events.onText(whole);
      } else {
        events.onBroken(1007, "text not valid UTF-8");
      }
    } finally {
      if (whole != payload) {
        whole.release();
      }
    }
  }

  private void control(int opcode, ByteBuf payload) {
    if (opcode == PING) {
      events.onPing(payload);
    } else if (opcode == CLOSE) {
      if (!payload.isReadable()) {
        events.onClose(NO_CODE);
        return;
      }
      int code = payload.readableBytes() == 1 ? 0 : payload.readUnsignedShort();
      if (!mayStandOnTheWire(code)) {
        events.onBroken(1002, "close frame without a legal code");
      } else if (!ByteBufUtil.isText(payload, StandardCharsets.UTF_8)) {
        events.onBroken(1007, "close reason not valid UTF-8");
      } else {
        events.onClose(code);
      }
    }
  }

  /** Whether a close frame may hold a code (RFC 6455, 7.4, and the registry that it began). */
  static boolean mayStandOnTheWire(int code) {
    return code >= 1000 && code <= 1003
        || code >= 1007 && code <= 1014
        || code >= 3000 && code <= 4999;
  }

  private static void unmask(ByteBuf bytes, int from, int length, int mask) {
    long twice = (long) mask << 32 | mask & 0xffffffffL;
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      bytes.setLong(from + i, bytes.getLong(from + i) ^ twice);
    }
    for (; i < length; i++) {
      bytes.setByte(from + i, bytes.getByte(from + i) ^ mask >>> (3 - (i & 3)) * 8);
    }
  }
}
