package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** Gathers the body of a request (RFC 9112, 6 and 7), up to a limit. */
final class Http1Body {
  private static final int FIRST_CAPACITY = 16 << 10;
  private static final int MAX_SIZE_LINE = 1024; // a chunk's size with its extensions
  private static final int MAX_TRAILERS = 8 << 10;
  private static final long CHUNKED = -1;

  private enum Part {
    SIZE,
    DATA,
    DATA_END,
    TRAILERS
  }

  private final ByteBufAllocator alloc;
  private final int limit;
  private final boolean chunked;
  private long left; // of the body, or of the chunk
  private Part part;
  private int trailers;
  private long received;
  private ByteBuf gathered = Unpooled.EMPTY_BUFFER;

  private Http1Body(ByteBufAllocator alloc, long length, int limit) {
    this.alloc = alloc;
    this.limit = limit;
    this.chunked = length == CHUNKED;
    this.left = Math.max(0, length);
    this.part = chunked ? Part.SIZE : Part.DATA;
  }

  /**
   * How long the body of a request is: a number of bytes, 0 for none, -1 for chunked.
   *
   * @throws Refusal if that can be understood in more than one way
   */
  static long lengthOf(ReceivedRequest request) {
    var codings = request.headers("Transfer-Encoding");
    var lengths = request.headers("Content-Length");
    if (!codings.isEmpty()) {
      if (!lengths.isEmpty()) {
        throw new Refusal(
            400, "Content-Length and Transfer-Encoding: both are there (expected: one of them)");
      }
      if (request.minorVersion() == 0) {
        throw new Refusal(400, "Transfer-Encoding: in HTTP/1.0 (expected: Content-Length)");
      }
      if (codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
        throw new Refusal(501, "Transfer-Encoding: not understood (expected: chunked)");
      }
      return CHUNKED;
    }
    if (lengths.isEmpty()) {
      return 0;
    }
    String text = lengths.get(0);
    if (lengths.size() > 1
        || text.isEmpty()
        || text.length() > 18
        || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new Refusal(400, "Content-Length: not one number (expected: the body's bytes)");
    }
    return Long.parseLong(text);
  }

  /** A body to be gathered. */
  static Http1Body of(ByteBufAllocator alloc, long length, int limit) {
    if (length > limit) {
      throw tooLarge(limit);
    }
    return new Http1Body(alloc, length, limit);
  }

  static Refusal tooLarge(int limit) {
    return new Refusal(413, "body: too large (expected: at most " + limit + " bytes)");
  }

  /** How many bytes have been received of it. */
  long received() {
    return received;
  }

  /** How many bytes are still to come; unknown, -1, if it is chunked. */
  long expected() {
    return chunked ? CHUNKED : left;
  }

  /**
   * Reads on.
   *
   * @return whether the body is complete
   * @throws Refusal if its framing is broken or it is too large
   */
  boolean read(ByteBuf in) {
    int before = in.readableBytes();
    try {
      return chunked ? readChunks(in) : readData(in);
    } finally {
      received += before - in.readableBytes();
    }
  }

  /** The body, which the caller owns from now on. */
  ByteBuf take() {
    ByteBuf body = gathered;
    gathered = Unpooled.EMPTY_BUFFER;
    return body;
  }

  void release() {
    gathered.release();
    gathered = Unpooled.EMPTY_BUFFER;
  }

  private boolean readData(ByteBuf in) {
    int length = (int) Math.min(left, in.readableBytes());
    if (length > 0) {
      if (!chunked && length == left && !gathered.isReadable()) {
        release();
        gathered = in.readRetainedSlice(length);
      } else {
        room(length).writeBytes(in, length);
      }
      left -= length;
    }
    return left == 0;
  }

  private ByteBuf room(int length) {
    if (gathered == Unpooled.EMPTY_BUFFER) {
      gathered = alloc.buffer(Math.min(limit, Math.max(length, FIRST_CAPACITY)), limit);
    }
    return gathered;
  }

  private boolean readChunks(ByteBuf in) {
    while (true) {
      switch (part) {
        case SIZE -> {
          int end = line(in, MAX_SIZE_LINE, "chunk size");
          if (end < 0) {
            return false;
          }
          left = chunkSize(in, end);
          if (left > limit - gathered.readableBytes()) {
            throw tooLarge(limit);
          }
          part = left == 0 ? Part.TRAILERS : Part.DATA;
        }
        case DATA -> {
          if (!readData(in)) {
            return false;
          }
          part = Part.DATA_END;
        }
        case DATA_END -> {
          if (in.readableBytes() < 2) {
            return false;
          }
          if (in.readShort() != 0x0d0a) {
            throw new Refusal(400, "chunk: longer than its size (expected: CR LF after it)");
          }
          part = Part.SIZE;
        }
        case TRAILERS -> {
          // RFC 9112, 7.1.2: trailers may be dropped.
          int end = line(in, MAX_TRAILERS - trailers, "trailers");
          if (end < 0) {
            return false;
          }
          boolean last = end == in.readerIndex();
          trailers += end + 2 - in.readerIndex();
          in.readerIndex(end + 2);
          if (last) {
            return true;
          }
        }
      }
    }
  }

  /** Where the line that begins here ends: the index of its CR; -1 if it is not yet whole. */
  private static int line(ByteBuf in, int max, String what) {
    int newline = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
    int length = (newline < 0 ? in.writerIndex() : newline + 1) - in.readerIndex();
    if (length > max) {
      throw new Refusal(400, what + ": too long (expected: at most " + max + " bytes)");
    }
    if (newline < 0) {
      return -1;
    }
    int end = newline - 1;
    if (end < in.readerIndex() || in.getByte(end) != '\r') {
      throw new Refusal(400, what + ": ends in LF alone (expected: CR LF)");
    }
    if (in.indexOf(in.readerIndex(), end, (byte) '\r') >= 0) {
      throw new Refusal(400, what + ": has a CR alone (expected: CR LF at its end)");
    }
    return end;
  }

  /** Reads a chunk's size and skips its extensions (RFC 9112, 7.1.1). */
  private static long chunkSize(ByteBuf in, int end) {
    long size = 0;
    int digits = 0;
    int digit;
    while (in.readerIndex() < end
        && (digit = Character.digit(in.getByte(in.readerIndex()), 16)) >= 0) {
      size = size << 4 | digit;
      digits++;
      in.skipBytes(1);
      if (digits > 8) {
        throw new Refusal(413, "chunk size: too large (expected: at most 8 digits)");
      }
    }
    boolean extended = in.readerIndex() < end;
    if (digits == 0 || extended && ";\t ".indexOf(in.getByte(in.readerIndex())) < 0) {
      throw new Refusal(400, "chunk size: not hexadecimal (expected: digits and CR LF)");
    }
    in.readerIndex(end + 2);
    return size;
  }
}
