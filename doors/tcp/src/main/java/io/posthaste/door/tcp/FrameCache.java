package io.posthaste.door.tcp;

import io.netty.buffer.ByteBufAllocator;
import io.posthaste.core.Message;
import io.posthaste.core.Wheel;
import io.posthaste.server.RecentlyEncoded;

/**
 * The frames of messages that a shard encoded within the last second. A place in the table is
 * decided by the message. Holds nothing while no connection does. To be used by its shard's thread
 * only.
 */
final class FrameCache {
  private static final int SLOTS = 512;

  private final String epoch;
  private final RecentlyEncoded<MessageFrame> frames;
  private final long[] sequences = new long[SLOTS];
  private final int[] partitions = new int[SLOTS];
  private int connections;

  FrameCache(Wheel wheel, String epoch) {
    this.epoch = epoch;
    this.frames = new RecentlyEncoded<>(wheel, SLOTS, MessageFrame::size, MessageFrame::release);
  }

  /** A message's frame; borrowed until the next call. */
  MessageFrame frame(ByteBufAllocator alloc, Message message, long ref) {
    int slot = (int) (message.sequence() + 31L * message.partition() & SLOTS - 1);
    MessageFrame known = frames.at(slot);
    if (known != null
        && sequences[slot] == message.sequence()
        && partitions[slot] == message.partition()) {
      return known;
    }
    MessageFrame fresh = MessageFrame.encode(alloc, epoch, message, ref);
    sequences[slot] = message.sequence();
    partitions[slot] = message.partition();
    return frames.put(slot, fresh);
  }

  void onOpened() {
    connections++;
  }

  void onGone() {
    if (--connections == 0) {
      frames.clear();
    }
  }
}
