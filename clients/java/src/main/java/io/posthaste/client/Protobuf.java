package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * As much of protobuf's wire format as the binary protocol needs
 * (https://protobuf.dev/programming-guides/encoding/): a few fields are no reason to bring along a
 * library that an application may need in another version.
 */
final class Protobuf {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private Protobuf() {}

  /** Writes a message's fields. */
  static final class Writer {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Writer varint(int field, long value) {
      write((long) field << 3 | VARINT);
      write(value);
      return this;
    }

    Writer bytes(int field, byte[] value) {
      write((long) field << 3 | BYTES);
      write(value.length);
      out.write(value, 0, value.length);
      return this;
    }

    Writer text(int field, String value) {
      return bytes(field, value.getBytes(UTF_8));
    }

    byte[] toBytes() {
      return out.toByteArray();
    }

    /** The message with its length before it. */
    byte[] delimited() {
      Writer frame = new Writer();
      frame.write(out.size());
      frame.out.write(out.toByteArray(), 0, out.size());
      return frame.toBytes();
    }

    private void write(long value) {
      long rest = value;
      for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
        out.write((int) rest & 0x7f | 0x80);
      }
      out.write((int) rest);
    }
  }

  /** Reads a message's fields, one after another. Whatever is wrong with them is an IOException. */
  static final class Reader {
    private final byte[] bytes;
    private final int to;
    private int at;
    private int wireType;
    private long number;
    private int from;

    Reader(byte[] bytes) {
      this(bytes, 0, bytes.length);
    }

    private Reader(byte[] bytes, int from, int to) {
      this.bytes = bytes;
      this.at = from;
      this.to = to;
    }

    /** Goes to the next field; its number, or 0 at the end. */
    int next() throws IOException {
      if (at == to) {
        return 0;
      }
      long tag = readVarint();
      wireType = (int) tag & 7;
      number = 0;
      switch (wireType) {
        case VARINT:
          number = readVarint();
          from = at;
          break;
        case BYTES:
          long length = readVarint();
          from = at;
          skip(length);
          break;
        case FIXED_64:
          skip(8);
          from = at;
          break;
        case FIXED_32:
          skip(4);
          from = at;
          break;
        default:
          throw new IOException("no protobuf: wire type " + wireType);
      }
      long field = tag >>> 3;
      if (field < 1 || field >= 1 << 29) {
        throw new IOException("no protobuf: field " + field);
      }
      return (int) field;
    }

    private void skip(long length) throws IOException {
      if (length < 0 || length > to - at) {
        throw new IOException("no protobuf: a field of " + length + " bytes where less are left");
      }
      at += (int) length;
    }

    private long readVarint() throws IOException {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        if (at == to) {
          break;
        }
        byte next = bytes[at++];
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new IOException("no protobuf: a varint without an end");
    }

    /** The field's number; 0 if it is none. */
    long number() {
      return number;
    }

    boolean isTrue() {
      return number != 0;
    }

    byte[] toBytes() throws IOException {
      return Arrays.copyOfRange(bytes, begin(), at);
    }

    String text() throws IOException {
      return new String(bytes, begin(), at - from, UTF_8);
    }

    /** The field as a message. */
    Reader message() throws IOException {
      return new Reader(bytes, begin(), at);
    }

    private int begin() throws IOException {
      if (wireType != BYTES) {
        throw new IOException("no protobuf: wire type " + wireType + " (expected: " + BYTES + ")");
      }
      return from;
    }
  }
}
