package io.posthaste.door.tcp;

import io.netty.buffer.ByteBufAllocator;
import io.posthaste.core.Message;
import io.posthaste.core.Wheel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a shard encoded within the last second: a fan-out finds each message here, however many
 * slices it takes. A place in the table is decided by the message; whatever else stands there gives
 * way. Holds nothing while no connection does. To be used by its shard's thread only.
 */
final class FrameCache extends Wheel.Entry {
  private static final int LINGER_MILLIS = 1_000;
  private static final int SLOTS = 512;
  private static final int MOST_BYTES = 8 << 20;

  private final Wheel wheel;
  private final String epoch;
  private final @Nullable MessageFrame[] frames = new @Nullable MessageFrame[SLOTS];
  private final long[] sequences = new long[SLOTS];
  private final int[] partitions = new int[SLOTS];
  private int bytes;
  private int connections;

  FrameCache(Wheel wheel, String epoch) {
    this.wheel = wheel;
    this.epoch = epoch;
  }

  /** A message's frame; borrowed until the next call. */
  MessageFrame frame(ByteBufAllocator alloc, Message message, long ref) {
    int slot = (int) (message.sequence() + 31L * message.partition() & SLOTS - 1);
    MessageFrame known = frames[slot];
    if (known != null
        && sequences[slot] == message.sequence()
        && partitions[slot] == message.partition()) {
      return known;
    }
    MessageFrame fresh = MessageFrame.encode(alloc, epoch, message, ref);
    if (bytes + fresh.size() > MOST_BYTES) {
      clear();
    }
    known = frames[slot];
    if (known != null) {
      bytes -= known.size();
      known.release();
    }
    frames[slot] = fresh;
    sequences[slot] = message.sequence();
    partitions[slot] = message.partition();
    bytes += fresh.size();
    if (!isDeadlineSet()) {
      wheel.set(this, LINGER_MILLIS);
    }
    return fresh;
  }

  void onOpened() {
    connections++;
  }

  void onGone() {
    if (--connections == 0) {
      clear();
    }
  }

  @Override
  protected void onDeadline() {
    clear();
  }

  private void clear() {
    for (MessageFrame frame : frames) {
      if (frame != null) {
        frame.release();
      }
    }
    Arrays.fill(frames, null);
    bytes = 0;
    wheel.cancel(this);
  }
}
