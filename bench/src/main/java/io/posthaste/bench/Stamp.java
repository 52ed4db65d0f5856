package io.posthaste.bench;

import io.netty.buffer.ByteBuf;

/**
 * What makes a payload recognisable wherever it turns up: 44 ASCII characters that no encoding of
 * text changes.
 *
 * <pre>
 * ~phb rrrrrrrr tttttttt ssssssss dddddddddddddddd      (without the blanks; hexadecimal)
 *      run      topic    seq      due, ns since the run began
 * </pre>
 */
final class Stamp {
  static final int BYTES = 44;
  static final byte[] MARK = {'~', 'p', 'h', 'b'};

  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private Stamp() {}

  /** Writes a stamp; {@code out} stays the caller's. */
  static void write(ByteBuf out, int run, int topic, int seq, long due) {
    out.writeBytes(MARK);
    hex(out, run, 8);
    hex(out, topic, 8);
    hex(out, seq, 8);
    hex(out, due, 16);
  }

  private static void hex(ByteBuf out, long value, int digits) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      out.writeByte(HEX[(int) (value >>> shift) & 15]);
    }
  }

  /** Hex digits to a number; -1 in {@code bad[0]} is never cleared. */
  static long parse(byte[] bytes, int from, int digits, boolean[] bad) {
    long value = 0;
    for (int i = from; i < from + digits; i++) {
      int c = bytes[i];
      int digit;
      if (c >= '0' && c <= '9') {
        digit = c - '0';
      } else if (c >= 'a' && c <= 'f') {
        digit = c - 'a' + 10;
      } else {
        bad[0] = true;
        return 0;
      }
      value = value << 4 | digit;
    }
    return value;
  }
}
