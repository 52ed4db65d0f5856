package io.posthaste.door.nacos;

import io.posthaste.config.ConfigKey;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The waits of one client by their configs: a table of open addresses, as a wait knows its config
 * and a map's entries would cost as much as the waits.
 */
final class GrpcWaitTable {
  private @Nullable GrpcWait[] slots = new GrpcWait[4]; // a power of two, never full
  private int size;

  int size() {
    return size;
  }

  @Nullable GrpcWait get(ConfigKey key) {
    return slots[slot(slots, key)];
  }

  /** Adds one whose config has none. */
  void add(GrpcWait wait) {
    if ((size + 1) * 4 > slots.length * 3) {
      @Nullable GrpcWait[] more = new GrpcWait[slots.length * 2];
      forEach(each -> more[slot(more, each.key())] = each);
      slots = more;
    }
    slots[slot(slots, wait.key())] = wait;
    size++;
  }

  /** Removes that of a config, if there is one. */
  @Nullable GrpcWait remove(ConfigKey key) {
    int at = slot(slots, key);
    GrpcWait removed = slots[at];
    if (removed == null) {
      return null;
    }
    slots[at] = null;
    size--;
    // What stands behind may have wanted this slot.
    int next = at + 1 & slots.length - 1;
    for (GrpcWait each = slots[next]; each != null; each = slots[next]) {
      slots[next] = null;
      slots[slot(slots, each.key())] = each;
      next = next + 1 & slots.length - 1;
    }
    return removed;
  }

  void forEach(Consumer<GrpcWait> action) {
    for (GrpcWait wait : slots) {
      if (wait != null) {
        action.accept(wait);
      }
    }
  }

  void clear() {
    Arrays.fill(slots, null);
    size = 0;
  }

  /** Where a config's wait is, or would be. */
  private static int slot(@Nullable GrpcWait[] slots, ConfigKey key) {
    int hash = key.hashCode();
    int at = hash ^ hash >>> 16;
    while (true) {
      at &= slots.length - 1;
      GrpcWait there = slots[at];
      if (there == null || there.key().equals(key)) {
        return at;
      }
      at++;
    }
  }
}
