package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.posthaste.core.Cursor;
import io.posthaste.core.Id;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Writes the parts of JSON straight into a buffer. */
final class JsonText {
  private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);
  private static final byte[] SHORT_ESCAPES = new byte[128];

  static {
    SHORT_ESCAPES['"'] = '"';
    SHORT_ESCAPES['\\'] = '\\';
    SHORT_ESCAPES['\b'] = 'b';
    SHORT_ESCAPES['\f'] = 'f';
    SHORT_ESCAPES['\n'] = 'n';
    SHORT_ESCAPES['\r'] = 'r';
    SHORT_ESCAPES['\t'] = 't';
  }

  private JsonText() {}

  /** Writes ASCII as it is. */
  static void ascii(ByteBuf out, CharSequence text) {
    out.writeCharSequence(text, US_ASCII);
  }

  /** Writes a string in quotes. */
  static void string(ByteBuf out, String text) {
    string(out, text.getBytes(UTF_8));
  }

  /** Writes valid UTF-8 as a string in quotes. */
  static void string(ByteBuf out, byte[] utf8) {
    out.writeByte('"');
    int run = 0;
    for (int i = 0; i < utf8.length; i++) {
      int b = utf8[i];
      if (b < 0 || b >= ' ' && b != '"' && b != '\\') {
        continue;
      }
      out.writeBytes(utf8, run, i - run).writeByte('\\');
      run = i + 1;
      if (SHORT_ESCAPES[b] != 0) {
        out.writeByte(SHORT_ESCAPES[b]);
      } else {
        out.writeByte('u').writeByte('0').writeByte('0');
        out.writeByte(HEX[b >> 4]).writeByte(HEX[b & 15]);
      }
    }
    out.writeBytes(utf8, run, utf8.length - run).writeByte('"');
  }

  /** Writes an id in quotes; no character of one needs an escape. */
  static void id(ByteBuf out, Id id) {
    out.writeByte('"');
    ascii(out, id.toString());
    out.writeByte('"');
  }

  /** Writes a cursor in quotes; no character of one needs an escape. */
  static void cursor(ByteBuf out, Cursor cursor) {
    out.writeByte('"');
    ascii(out, cursor.toString());
    out.writeByte('"');
  }

  /** Writes a time as RFC 3339 has it, in UTC with milliseconds, in quotes. */
  static void time(ByteBuf out, long millis) {
    LocalDateTime time = LocalDateTime.ofInstant(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
    out.writeByte('"');
    digits(out, time.getYear(), 1000);
    digits(out.writeByte('-'), time.getMonthValue(), 10);
    digits(out.writeByte('-'), time.getDayOfMonth(), 10);
    digits(out.writeByte('T'), time.getHour(), 10);
    digits(out.writeByte(':'), time.getMinute(), 10);
    digits(out.writeByte(':'), time.getSecond(), 10);
    digits(out.writeByte('.'), time.getNano() / 1_000_000, 100);
    out.writeByte('Z').writeByte('"');
  }

  private static void digits(ByteBuf out, int value, int unit) {
    for (int u = unit; u > 0; u /= 10) {
      out.writeByte('0' + value / u % 10);
    }
  }
}
