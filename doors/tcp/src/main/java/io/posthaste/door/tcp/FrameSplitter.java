package io.posthaste.door.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Splits a run of bytes into frames, however the network tore or glued them. What it holds grows
 * with the bytes that came, never with what a length promises; between frames it holds nothing.
 *
 * <p>Not thread-safe.
 */
final class FrameSplitter {
  /** What the run of bytes has next. */
  enum Next {
    /** Nothing whole yet. */
    MORE_BYTES,
    /** A frame; {@link #frame} gives it. */
    FRAME,
    /** A frame above the limit, of {@link #length} bytes, of which none was kept. */
    TOO_LARGE,
    /** Not a frame: the length has more than 5 bytes or 31 bits. */
    GARBAGE
  }

  /** Enough to find a ref at the begin of a frame: a tag and the longest varint. */
  private static final int REF_BYTES = 11;

  private static final int REF_TAG = 0x08;
  private static final int MAX_LENGTH_BYTES = 5;

  private @Nullable ByteBuf bytes;
  private long length; // of the frame that Next tells of
  private int head; // bytes of its length
  private long skip; // what is left of a frame that was too large

  /** Appends bytes, taken over. */
  void add(ByteBufAllocator alloc, ByteBuf more) {
    ByteBuf before = bytes;
    if (before == null) {
      bytes = more;
    } else {
      bytes = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, before, more);
    }
    skip();
  }

  /**
   * Looks at what comes next.
   *
   * @param limit the largest frame that is taken, in bytes
   */
  Next next(int limit) {
    ByteBuf from = bytes;
    if (from == null || !readLength(from)) {
      return from == null || from.readableBytes() < MAX_LENGTH_BYTES
          ? Next.MORE_BYTES
          : Next.GARBAGE;
    }
    if (length > Integer.MAX_VALUE) {
      return Next.GARBAGE;
    }
    int there = from.readableBytes() - head;
    if (length > limit) {
      return there < Math.min(REF_BYTES, length) ? Next.MORE_BYTES : Next.TOO_LARGE;
    }
    return there < length ? Next.MORE_BYTES : Next.FRAME;
  }

  private boolean readLength(ByteBuf from) {
    length = 0;
    int there = Math.min(MAX_LENGTH_BYTES, from.readableBytes());
    for (head = 0; head < there; ) {
      byte b = from.getByte(from.readerIndex() + head);
      length |= (b & 0x7fL) << 7 * head++;
      if (b >= 0) {
        return true;
      }
    }
    return false;
  }

  /** The length of the frame that was announced or refused, in bytes. */
  long length() {
    return length;
  }

  /** Takes the frame that {@link #next} told of. The caller releases it. */
  ByteBuf frame() {
    ByteBuf from = held();
    ByteBuf frame = from.skipBytes(head).readRetainedSlice((int) length);
    releaseIfEmpty();
    return frame;
  }

  /** Skips the frame that was too large, now and as it comes, and tells its ref, 0 if unknown. */
  long skipFrame() {
    ByteBuf from = held();
    long ref = refAt(from, from.readerIndex() + head);
    from.skipBytes(head);
    skip = length;
    skip();
    return ref;
  }

  private static long refAt(ByteBuf from, int index) {
    if (from.getByte(index) != REF_TAG) {
      return 0;
    }
    long ref = 0;
    for (int i = 0; i < REF_BYTES - 1; i++) {
      byte b = from.getByte(index + 1 + i);
      ref |= (b & 0x7fL) << 7 * i;
      if (b >= 0) {
        return ref;
      }
    }
    return 0;
  }

  private void skip() {
    ByteBuf from = bytes;
    if (from != null && skip > 0) {
      int now = (int) Math.min(skip, from.readableBytes());
      from.skipBytes(now);
      skip -= now;
    }
    releaseIfEmpty();
  }

  /**
   * The first byte behind the length, or -1 if it has not come: enough to tell a stranger who
   * speaks another protocol.
   */
  int peek() {
    ByteBuf from = bytes;
    if (from == null || !readLength(from) || from.readableBytes() == head) {
      return -1;
    }
    return from.getUnsignedByte(from.readerIndex() + head);
  }

  private ByteBuf held() {
    ByteBuf from = bytes;
    if (from == null) {
      throw new IllegalStateException("no frame was announced");
    }
    return from;
  }

  private void releaseIfEmpty() {
    ByteBuf from = bytes;
    if (from != null && !from.isReadable()) {
      from.release();
      bytes = null;
    }
  }

  /** Lets go of everything. */
  void close() {
    if (bytes != null) {
      bytes.release();
      bytes = null;
    }
  }
}
