package io.posthaste.door.web;

import io.netty.buffer.ByteBufAllocator;
import io.posthaste.core.Message;
import io.posthaste.core.Wheel;
import io.posthaste.server.Encoded;
import io.posthaste.server.RecentlyEncoded;

/**
 * The forms of messages that a shard encoded within the last second. A place in the table is
 * decided by the message and the form. To be used by its shard's thread only.
 */
final class UnitCache {
  private static final int SLOTS = 1_024;
  private static final int FORMS = Form.values().length;

  private final ByteBufAllocator alloc;
  private final MessageJson json;
  private final RecentlyEncoded<Encoded> units;
  private final long[] sequences = new long[SLOTS];
  private final int[] kinds = new int[SLOTS]; // partition and form

  UnitCache(Wheel wheel, ByteBufAllocator alloc, MessageJson json) {
    this.alloc = alloc;
    this.json = json;
    this.units =
        new RecentlyEncoded<>(
            wheel, SLOTS, unit -> unit.framed().readableBytes(), Encoded::release);
  }

  /** A form of a message; borrowed until the next call. */
  Encoded unit(Form form, Message message) {
    int kind = message.partition() * FORMS + form.ordinal();
    int slot = (int) (message.sequence() * FORMS + kind & SLOTS - 1);
    Encoded known = units.at(slot);
    if (known != null && sequences[slot] == message.sequence() && kinds[slot] == kind) {
      return known;
    }
    Encoded fresh = form.encode(alloc, json, message); // if it fails, what is known stays known
    sequences[slot] = message.sequence();
    kinds[slot] = kind;
    return units.put(slot, fresh);
  }

  /** Lets go of everything. */
  void clear() {
    units.clear();
  }
}
