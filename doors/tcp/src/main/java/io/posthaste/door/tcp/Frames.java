package io.posthaste.door.tcp;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes frames: a length, then a message. */
final class Frames {
  private Frames() {}

  /** A frame in a direct buffer of its own; the caller releases it. */
  static ByteBuf encode(ByteBufAllocator alloc, MessageLite message) {
    int length = message.getSerializedSize();
    int size = CodedOutputStream.computeUInt32SizeNoTag(length) + length;
    return write(
        alloc,
        size,
        out -> {
          out.writeUInt32NoTag(length);
          message.writeTo(out);
        });
  }

  /** Writes protobuf's parts. */
  interface Parts {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  /**
   * A direct buffer filled with parts of exactly that size; the caller releases it.
   *
   * @throws IllegalStateException if the parts have another size
   */
  static ByteBuf write(ByteBufAllocator alloc, int size, Parts parts) {
    ByteBuf buffer = alloc.directBuffer(size, size);
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(buffer.internalNioBuffer(0, size));
      parts.writeTo(out);
      out.flush();
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      buffer.release();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      buffer.release();
      throw e;
    }
    return buffer.writerIndex(size);
  }
}
