package io.posthaste.door.web;

import io.netty.buffer.ByteBufAllocator;
import io.posthaste.core.Message;
import io.posthaste.core.Wheel;
import io.posthaste.server.Encoded;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a shard encoded within the last second: a fan-out finds each form of a message here, however
 * many slices it takes. A place in the table is decided by the message and the form; whatever else
 * stands there gives way. To be used by its shard's thread only.
 */
final class UnitCache extends Wheel.Entry {
  static final int LINGER_MILLIS = 1_000;
  private static final int SLOTS = 1_024;
  private static final int MOST_BYTES = 8 << 20;
  private static final int FORMS = Form.values().length;

  private final Wheel wheel;
  private final ByteBufAllocator alloc;
  private final MessageJson json;
  private final @Nullable Encoded[] units = new @Nullable Encoded[SLOTS];
  private final long[] sequences = new long[SLOTS];
  private final int[] kinds = new int[SLOTS]; // partition and form
  private int bytes;

  UnitCache(Wheel wheel, ByteBufAllocator alloc, MessageJson json) {
    this.wheel = wheel;
    this.alloc = alloc;
    this.json = json;
  }

  /** A form of a message; borrowed until the next call. */
  Encoded unit(Form form, Message message) {
    int kind = message.partition() * FORMS + form.ordinal();
    int slot = (int) (message.sequence() * FORMS + kind & SLOTS - 1);
    Encoded known = units[slot];
    if (known != null && sequences[slot] == message.sequence() && kinds[slot] == kind) {
      return known;
    }
    Encoded fresh = form.encode(alloc, json, message);
    int size = fresh.framed().readableBytes();
    if (bytes + size > MOST_BYTES) {
      clear();
    }
    known = units[slot];
    if (known != null) {
      bytes -= known.framed().readableBytes();
      known.release();
    }
    units[slot] = fresh;
    sequences[slot] = message.sequence();
    kinds[slot] = kind;
    bytes += size;
    if (!isDeadlineSet()) {
      wheel.set(this, LINGER_MILLIS);
    }
    return fresh;
  }

  @Override
  protected void onDeadline() {
    clear();
  }

  /** Lets go of everything. */
  void clear() {
    for (Encoded unit : units) {
      if (unit != null) {
        unit.release();
      }
    }
    Arrays.fill(units, null);
    bytes = 0;
    wheel.cancel(this);
  }
}
