package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.nio.charset.StandardCharsets;

/**
 * One wire form of something, encoded once and shared by all who are sent it: bytes with the
 * framing of the transport already around them, in one direct buffer, so that a delivery is one
 * reference and no copy. Reference counted: who makes one releases it; who is lent one retains what
 * it keeps.
 *
 * <pre>
 *   HTTP chunk (RFC 9112, 7.1)       WebSocket text frame (RFC 6455, 5.2)
 *   +------+------+------+------+    +----+-----------+------+
 *   | size | CRLF | body | CRLF |    | 81 | length    | body |
 *   +------+------+------+------+    +----+-----------+------+
 * </pre>
 */
public final class Encoded extends AbstractReferenceCounted {
  private final ByteBuf framed;
  private final ByteBuf body; // a slice of framed, sharing its count
  private final int from;

  private Encoded(ByteBuf framed, int from, int length) {
    this.framed = framed;
    this.from = from;
    this.body = framed.slice(from, length);
  }

  /** A unit of a streamed answer. Takes the body over. */
  public static Encoded chunk(ByteBuf body) {
    byte[] size = Integer.toHexString(body.readableBytes()).getBytes(StandardCharsets.US_ASCII);
    int length = body.readableBytes();
    ByteBuf framed = direct(body, size.length + 2 + length + 2);
    framed.writeBytes(size).writeShort(0x0d0a).writeBytes(body).writeShort(0x0d0a);
    body.release();
    return new Encoded(framed, size.length + 2, length);
  }

  /** A text message of a WebSocket, as a server sends it: unmasked. Takes the text over. */
  public static Encoded webSocketText(ByteBuf text) {
    int length = text.readableBytes();
    ByteBuf framed = direct(text, 10 + length);
    writeTextFrameHead(framed, length);
    int from = framed.writerIndex();
    framed.writeBytes(text);
    text.release();
    return new Encoded(framed, from, length);
  }

  /** Writes the head of an unmasked, unfragmented text frame. */
  static void writeTextFrameHead(ByteBuf out, int length) {
    out.writeByte(0x81);
    if (length < 126) {
      out.writeByte(length);
    } else if (length < 1 << 16) {
      out.writeByte(126).writeShort(length);
    } else {
      out.writeByte(127).writeLong(length);
    }
  }

  private static ByteBuf direct(ByteBuf source, int capacity) {
    return source.alloc().directBuffer(capacity, capacity);
  }

  /** The bytes with their framing. Borrowed; duplicate before reading. */
  public ByteBuf framed() {
    return framed;
  }

  /** The bytes without their framing. Borrowed; duplicate before reading. */
  public ByteBuf body() {
    return body;
  }

  /** The bytes from the body's first to the frame's last. The caller releases them. */
  ByteBuf retainedTail() {
    return framed.retainedSlice(from, framed.writerIndex() - from);
  }

  @Override
  public Encoded retain() {
    super.retain();
    return this;
  }

  @Override
  public ReferenceCounted touch(Object hint) {
    framed.touch(hint);
    return this;
  }

  @Override
  protected void deallocate() {
    framed.release();
  }
}
