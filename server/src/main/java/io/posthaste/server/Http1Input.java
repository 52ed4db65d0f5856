package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has received and not yet used. There is one only while there are such bytes;
 * searching goes on where it stopped, so that a head that comes byte by byte costs no more.
 */
final class Http1Input {
  private ByteBuf bytes;
  private int scanned; // offsets from the reader index
  private int lineFrom;
  private int firstLine; // where the request line ends; 0: not yet seen

  /** Takes the bytes over. */
  Http1Input(ByteBuf bytes) {
    this.bytes = bytes;
  }

  /** Takes further bytes over. */
  void add(ByteBufAllocator alloc, ByteBuf more) {
    if (!bytes.isReadable()) {
      bytes.release();
      bytes = more;
      return;
    }
    ByteBuf grown = alloc.buffer(bytes.readableBytes() + more.readableBytes());
    try {
      grown.writeBytes(bytes).writeBytes(more);
    } finally {
      bytes.release();
      more.release();
      bytes = grown;
    }
  }

  /** The bytes. Lent; what is read from them is used. */
  ByteBuf bytes() {
    return bytes;
  }

  boolean beginsWith(ByteBuf start) {
    int length = start.readableBytes();
    return bytes.readableBytes() >= length
        && ByteBufUtil.equals(bytes, bytes.readerIndex(), start, start.readerIndex(), length);
  }

  boolean isEmpty() {
    return !bytes.isReadable();
  }

  void release() {
    bytes.release();
  }

  /**
   * Takes the head of the next request, if it is whole.
   *
   * @param recent parses it, unless it knows it
   * @throws Refusal if it breaks a rule or a limit
   */
  @Nullable RequestHead pollHead(HttpLimits limits, RecentHeads recent) {
    while (true) {
      int from = bytes.readerIndex();
      int newline = bytes.indexOf(from + scanned, bytes.writerIndex(), (byte) '\n');
      int end = newline < 0 ? bytes.readableBytes() : newline - from + 1;
      if (firstLine == 0 && end > limits.maxRequestLineBytes()) {
        throw new Refusal(
            414,
            "request line: too long (expected: at most "
                + limits.maxRequestLineBytes()
                + " bytes)");
      }
      if (firstLine != 0 && end - firstLine > limits.maxHeaderBytes()) {
        throw new Refusal(
            431,
            "headers: too large (expected: at most "
                + limits.maxHeaderBytes()
                + " bytes together)");
      }
      scanned = end;
      if (newline < 0) {
        return null;
      }
      if (end < 2 || bytes.getByte(newline - 1) != '\r') {
        throw new Refusal(400, "head: has an LF alone (expected: CR LF at the end of each line)");
      }
      boolean empty = end - lineFrom == 2;
      lineFrom = end;
      if (!empty) {
        firstLine = firstLine == 0 ? end : firstLine;
      } else if (firstLine == 0) {
        // RFC 9112, 2.2: an empty line before the request line is skipped.
        bytes.skipBytes(end);
        restart();
      } else {
        restart();
        return recent.take(bytes, end);
      }
    }
  }

  private void restart() {
    scanned = 0;
    lineFrom = 0;
    firstLine = 0;
  }
}
