package io.posthaste.door.nacos;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.posthaste.door.nacos.wire.Payload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a stream into messages as gRPC frames them, and frames ours:
 *
 * <pre>
 *   +------------+-----------------+---------
 *   | compressed | length, 4 bytes | Payload
 *   +------------+-----------------+---------
 * </pre>
 *
 * <p>Holds no more than one message that is not whole, of a limited length.
 */
final class GrpcFrames {
  private static final int HEAD_BYTES = 5;

  private final ByteBufAllocator alloc;
  private final int maxBytes;
  private @Nullable ByteBuf rest; // of a message that is not whole

  GrpcFrames(ByteBufAllocator alloc, int maxBytes) {
    this.alloc = alloc;
    this.maxBytes = maxBytes;
  }

  /** A message in its frame, in a direct buffer of its own. The caller releases it. */
  static ByteBuf encode(ByteBufAllocator alloc, Payload payload) {
    int length = payload.getSerializedSize();
    ByteBuf frame = alloc.directBuffer(HEAD_BYTES + length, HEAD_BYTES + length);
    frame.writeByte(0).writeInt(length);
    try {
      CodedOutputStream out =
          CodedOutputStream.newInstance(frame.internalNioBuffer(HEAD_BYTES, length));
      payload.writeTo(out);
      out.flush();
    } catch (IOException e) {
      frame.release();
      throw new UncheckedIOException(e);
    }
    return frame.writerIndex(HEAD_BYTES + length);
  }

  /**
   * Reads the one message of a body. Borrows it.
   *
   * @throws GrpcException if it is not one message
   */
  static Payload one(ByteBuf body, int maxBytes) {
    ByteBuf bytes = body.slice();
    if (!isWhole(bytes, maxBytes)) {
      throw new GrpcException(GrpcStatus.invalid("body: cut off (expected: one message)"));
    }
    Payload message = take(bytes);
    if (bytes.isReadable()) {
      throw new GrpcException(GrpcStatus.invalid("body: goes on (expected: one message)"));
    }
    return message;
  }

  /**
   * Takes bytes that have come, and hands on what is whole by them. Borrows them.
   *
   * @throws GrpcException if they are no messages, or one is too long
   */
  void add(ByteBuf bytes, Consumer<Payload> whole) {
    ByteBuf kept = rest;
    ByteBuf all =
        kept == null
            ? bytes.slice()
            : kept.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    while (isWhole(all, maxBytes)) {
      whole.accept(take(all));
    }
    if (kept == null) {
      if (all.isReadable()) {
        rest = alloc.buffer(all.readableBytes()).writeBytes(all);
      }
    } else if (kept.isReadable()) {
      kept.discardSomeReadBytes();
    } else {
      release();
    }
  }

  private static boolean isWhole(ByteBuf bytes, int maxBytes) {
    if (bytes.readableBytes() < HEAD_BYTES) {
      return false;
    }
    int at = bytes.readerIndex();
    if (bytes.getByte(at) != 0) {
      throw new GrpcException(GrpcStatus.unknownEncoding());
    }
    long length = bytes.getUnsignedInt(at + 1);
    if (length > maxBytes) {
      throw new GrpcException(
          GrpcStatus.tooMuch("message: " + length + " bytes (expected: at most " + maxBytes + ")"));
    }
    return bytes.readableBytes() - HEAD_BYTES >= length;
  }

  private static Payload take(ByteBuf bytes) {
    bytes.skipBytes(1);
    int length = bytes.readInt();
    try {
      return Payload.parseFrom(bytes.readSlice(length).nioBuffer());
    } catch (InvalidProtocolBufferException e) {
      throw new GrpcException(
          GrpcStatus.invalid("message: no Payload (expected: protobuf of one)"));
    }
  }

  /** Lets go what is not whole. */
  void release() {
    ByteBuf kept = rest;
    rest = null;
    if (kept != null) {
      kept.release();
    }
  }
}
