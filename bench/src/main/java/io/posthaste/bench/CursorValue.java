package io.posthaste.bench;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** One part of a long-polling reader's place, kept as the bytes that the server sent. */
final class CursorValue {
  private static final int MAX_BYTES = 64 * 1024;

  private byte[] bytes = new byte[32];
  private int length;

  boolean isEmpty() {
    return length == 0;
  }

  void clear() {
    length = 0;
  }

  void append(byte b) {
    if (length == bytes.length) {
      if (length >= MAX_BYTES) {
        throw new AnswerParser.MalformedAnswer("a cursor of more than " + MAX_BYTES + " bytes");
      }
      bytes = Arrays.copyOf(bytes, 2 * length);
    }
    bytes[length++] = b;
  }

  void write(ByteBuf out) {
    out.writeBytes(bytes, 0, length);
  }
}
