package io.posthaste.door.tcp;

import com.google.protobuf.CodedOutputStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.door.tcp.v1.Header;
import io.posthaste.door.tcp.v1.ServerFrame;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as a frame, encoded once for all readers of a shard. Protobuf lets fields be
 * concatenated, so what differs per reader stands before what they share:
 *
 * <pre>
 *   +--------+--------+--------------+------------------+
 *   | length | 08 ref | [12 cursor]  | 22 length Message |
 *   +--------+--------+--------------+------------------+
 *   |          for one reader        |  body, for all    |
 * </pre>
 *
 * <p>Most clients call their only reader the same, so the whole frame is kept for the ref that was
 * wanted first, and whoever else has that ref is given it as it is. Not thread-safe.
 */
final class MessageFrame {
  private static final int TOPIC = io.posthaste.door.tcp.v1.Message.TOPIC_FIELD_NUMBER;
  private static final int ID = io.posthaste.door.tcp.v1.Message.ID_FIELD_NUMBER;
  private static final int AT = io.posthaste.door.tcp.v1.Message.AT_MILLIS_FIELD_NUMBER;
  private static final int TYPE = io.posthaste.door.tcp.v1.Message.TYPE_FIELD_NUMBER;
  private static final int HEADERS = io.posthaste.door.tcp.v1.Message.HEADERS_FIELD_NUMBER;
  private static final int PAYLOAD = io.posthaste.door.tcp.v1.Message.PAYLOAD_FIELD_NUMBER;
  private static final int DELETED = io.posthaste.door.tcp.v1.Message.DELETED_FIELD_NUMBER;

  /** A body up to this size is rather copied behind its prefix than sent as a part of its own. */
  private static final int COPIED_BYTES = 512;

  private final ByteBuf whole;
  private final int bodyAt;
  private final long ref;

  private MessageFrame(ByteBuf whole, int bodyAt, long ref) {
    this.whole = whole;
    this.bodyAt = bodyAt;
    this.ref = ref;
  }

  /** Encodes a message, whole for this ref. */
  static MessageFrame encode(ByteBufAllocator alloc, String epoch, Message message, long ref) {
    String id = Id.of(epoch, message).toString();
    int size = size(message, id);
    int bodySize =
        CodedOutputStream.computeTagSize(ServerFrame.MESSAGE_FIELD_NUMBER)
            + CodedOutputStream.computeUInt32SizeNoTag(size)
            + size;
    int refSize = refSize(ref);
    int length = refSize + bodySize;
    int bodyAt = CodedOutputStream.computeUInt32SizeNoTag(length) + refSize;
    ByteBuf whole =
        Frames.write(
            alloc,
            bodyAt + bodySize,
            out -> {
              writePrefix(out, length, ref, null);
              out.writeTag(ServerFrame.MESSAGE_FIELD_NUMBER, 2);
              out.writeUInt32NoTag(size);
              write(out, message, id);
            });
    return new MessageFrame(whole, bodyAt, ref);
  }

  /** How many bytes it holds. */
  int size() {
    return whole.readableBytes();
  }

  /** Lets go of the bytes; who was given them keeps them. */
  void release() {
    whole.release();
  }

  /**
   * Gives the frame for one reader.
   *
   * @param cursor null if it is the message's id
   */
  void sendTo(TcpConnection to, long ref, @Nullable String cursor) {
    if (cursor == null && ref == this.ref) {
      to.write(whole.retainedDuplicate());
      return;
    }
    int bodySize = whole.readableBytes() - bodyAt;
    int mine =
        refSize(ref)
            + (cursor == null
                ? 0
                : CodedOutputStream.computeStringSize(ServerFrame.CURSOR_FIELD_NUMBER, cursor));
    int length = mine + bodySize;
    int prefixSize = CodedOutputStream.computeUInt32SizeNoTag(length) + mine;
    Frames.Parts prefix = out -> writePrefix(out, length, ref, cursor);
    if (bodySize <= COPIED_BYTES) {
      to.write(
          Frames.write(
              to.alloc(),
              prefixSize + bodySize,
              out -> {
                prefix.writeTo(out);
                // A view of its own: a buffer is written from its first byte to its capacity.
                out.writeRawBytes(whole.nioBuffer(bodyAt, bodySize));
              }));
    } else {
      to.write(Frames.write(to.alloc(), prefixSize, prefix));
      to.write(whole.retainedSlice(bodyAt, bodySize));
    }
  }

  private static int refSize(long ref) {
    return ref == 0 ? 0 : CodedOutputStream.computeUInt64Size(ServerFrame.REF_FIELD_NUMBER, ref);
  }

  private static void writePrefix(
      CodedOutputStream out, int length, long ref, @Nullable String cursor) throws IOException {
    out.writeUInt32NoTag(length);
    if (ref != 0) {
      out.writeUInt64(ServerFrame.REF_FIELD_NUMBER, ref);
    }
    if (cursor != null) {
      out.writeString(ServerFrame.CURSOR_FIELD_NUMBER, cursor);
    }
  }

  private static int size(Message message, String id) {
    int size =
        CodedOutputStream.computeStringSize(TOPIC, message.topic().name())
            + CodedOutputStream.computeStringSize(ID, id)
            + CodedOutputStream.computeInt64Size(AT, message.timeMillis());
    if (!message.type().isEmpty()) {
      size += CodedOutputStream.computeStringSize(TYPE, message.type());
    }
    for (Map.Entry<String, String> header : message.headers().entrySet()) {
      int headerSize = headerSize(header);
      size +=
          CodedOutputStream.computeTagSize(HEADERS)
              + CodedOutputStream.computeUInt32SizeNoTag(headerSize)
              + headerSize;
    }
    int payload = message.payload().length();
    if (payload > 0) {
      size +=
          CodedOutputStream.computeTagSize(PAYLOAD)
              + CodedOutputStream.computeUInt32SizeNoTag(payload)
              + payload;
    }
    return message.deleted() ? size + CodedOutputStream.computeBoolSize(DELETED, true) : size;
  }

  private static void write(CodedOutputStream out, Message message, String id) throws IOException {
    out.writeString(TOPIC, message.topic().name());
    out.writeString(ID, id);
    out.writeInt64(AT, message.timeMillis());
    if (!message.type().isEmpty()) {
      out.writeString(TYPE, message.type());
    }
    for (Map.Entry<String, String> header : message.headers().entrySet()) {
      out.writeTag(HEADERS, 2);
      out.writeUInt32NoTag(headerSize(header));
      out.writeString(Header.NAME_FIELD_NUMBER, header.getKey());
      out.writeString(Header.VALUE_FIELD_NUMBER, header.getValue());
    }
    int payload = message.payload().length();
    if (payload > 0) {
      out.writeTag(PAYLOAD, 2);
      out.writeUInt32NoTag(payload);
      out.writeRawBytes(message.payload().asByteBuffer());
    }
    if (message.deleted()) {
      out.writeBool(DELETED, true);
    }
  }

  private static int headerSize(Map.Entry<String, String> header) {
    return CodedOutputStream.computeStringSize(Header.NAME_FIELD_NUMBER, header.getKey())
        + CodedOutputStream.computeStringSize(Header.VALUE_FIELD_NUMBER, header.getValue());
  }
}
