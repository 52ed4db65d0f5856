package io.posthaste.server;

import io.posthaste.core.Wheel;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a shard encoded within the last second, so that a fan-out encodes each thing once however
 * many slices it takes. A table of slots that its user chooses among: what is put into one takes
 * the place of what stood there. It owns what it holds, never more than 8 MiB, and lets go of all
 * of it a second after the first came. To be used by its shard's thread only.
 *
 * @param <V> what is held
 */
public final class RecentlyEncoded<V> extends Wheel.Entry {
  private static final int LINGER_MILLIS = 1_000;
  private static final int MOST_BYTES = 8 << 20;

  private final Wheel wheel;
  private final ToIntFunction<V> size;
  private final Consumer<V> release;
  private final @Nullable Object[] held;
  private int bytes;

  /**
   * An empty table.
   *
   * @param slots how many there are
   * @param size tells how many bytes something has, always the same
   * @param release lets go of something
   */
  public RecentlyEncoded(Wheel wheel, int slots, ToIntFunction<V> size, Consumer<V> release) {
    this.wheel = wheel;
    this.size = size;
    this.release = release;
    this.held = new @Nullable Object[slots];
  }

  /** What stands in a slot, borrowed until the next {@link #put}; null if nothing does. */
  @SuppressWarnings("unchecked") // only put puts anything there
  public @Nullable V at(int slot) {
    return (V) held[slot];
  }

  /**
   * Takes ownership of something and puts it into a slot.
   *
   * @return it, borrowed until the next call
   */
  public V put(int slot, V fresh) {
    int more = size.applyAsInt(fresh);
    if (bytes + more > MOST_BYTES) {
      clear();
    }
    V before = at(slot);
    if (before != null) {
      bytes -= size.applyAsInt(before);
      release.accept(before);
    }
    held[slot] = fresh;
    bytes += more;
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
  public void clear() {
    for (int slot = 0; slot < held.length; slot++) {
      V each = at(slot);
      if (each != null) {
        release.accept(each);
      }
    }
    Arrays.fill(held, null);
    bytes = 0;
    wheel.cancel(this);
  }
}
