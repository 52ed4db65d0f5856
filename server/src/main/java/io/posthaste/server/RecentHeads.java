package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The heads that a loop parsed lately. Those who wait for the same by long poll ask again with the
 * same bytes, thousands of them at once, and a publisher repeats itself; whoever comes second is
 * spared the parsing. A table of slots, each with the last head that fell into it: at most {@value
 * #SLOTS} × {@value #MOST_BYTES} bytes. To be used by its loop's thread only.
 */
final class RecentHeads {
  private static final int SLOT_BITS = 8;
  private static final int SLOTS = 1 << SLOT_BITS;
  private static final int MOST_BYTES = 1 << 10;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private record Known(byte[] bytes, RequestHead head) {}

  private final @Nullable Known[] slots = new @Nullable Known[SLOTS];
  private final byte[] scratch = new byte[MOST_BYTES];

  /**
   * Takes a head out of what was received.
   *
   * @param in begins with a request line and holds the empty line; the head is consumed
   * @param length up to and with the empty line; each line is known to end in CRLF
   * @throws Refusal if the head breaks a rule
   */
  RequestHead take(ByteBuf in, int length) {
    if (length > MOST_BYTES) {
      byte[] bytes = new byte[length];
      in.readBytes(bytes);
      return Http1Head.parse(bytes);
    }
    in.readBytes(scratch, 0, length);
    int slot = hash(scratch, length) >>> 32 - SLOT_BITS;
    Known known = slots[slot];
    if (known != null && Arrays.equals(known.bytes, 0, known.bytes.length, scratch, 0, length)) {
      return known.head;
    }
    byte[] bytes = Arrays.copyOf(scratch, length);
    RequestHead head = Http1Head.parse(bytes);
    slots[slot] = new Known(bytes, head);
    return head;
  }

  private static int hash(byte[] bytes, int length) {
    long hash = length;
    int at = 0;
    for (; at + Long.BYTES <= length; at += Long.BYTES) {
      hash = (hash ^ (long) LONGS.get(bytes, at)) * 0x9e3779b97f4a7c15L;
      hash ^= hash >>> 29;
    }
    for (; at < length; at++) {
      hash = (hash ^ bytes[at]) * 0x9e3779b97f4a7c15L;
    }
    return (int) (hash >>> 32);
  }
}
