package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Shard;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Those of one shard who wait for changes of configs: a ring for each config, so that a change
 * costs those who wait for it and nobody else, and somebody who waits for thousands can go without
 * looking for himself. Owned by the shard's thread.
 *
 * @param <W> the door's own waits
 */
public final class ConfigWaits<W extends ConfigWaits.Wait> {
  /** How many are looked at in a go, between which the loop sees to its sockets. */
  private static final int SLICE = 256;

  private static final long STEP_MILLIS = 10;

  private final Shard shard;
  private final Class<W> type;
  private final WaitRoom room;
  private final long spreadMillis;
  private final Map<ConfigKey, Ring> rings = new HashMap<>();
  private volatile int size; // written by the shard's thread only

  /**
   * @param room that these share with those of other shards and doors
   * @param spreadMillis over how long those who wait for one config are told of a change, so that
   *     they do not all come for it at once; 0 for as soon as possible
   */
  public ConfigWaits(Shard shard, Class<W> type, WaitRoom room, long spreadMillis) {
    this.shard = requireNonNull(shard, "shard");
    this.type = requireNonNull(type, "type");
    this.room = requireNonNull(room, "room");
    this.spreadMillis = spreadMillis;
  }

  /**
   * That somebody waits for a config. There are many of them: 24 bytes by its fields, and what
   * doors add.
   */
  public abstract static class Wait {
    private @Nullable Ring ring;
    private Wait next = this;
    private Wait previous = this;

    /** Which config. */
    public final ConfigKey key() {
      return requireNonNull(ring).key;
    }
  }

  /** The end of a ring of waits. */
  private static final class End extends Wait {}

  private static final class Ring {
    final ConfigKey key;
    final Wait end = new End();

    Ring(ConfigKey key) {
      this.key = key;
    }
  }

  /** The shard whose waits these are. */
  public Shard shard() {
    return shard;
  }

  /**
   * Whether there is room for more.
   *
   * @param key which config each of them is to wait for
   */
  public <E> boolean hasRoom(Collection<E> more, Function<? super E, ConfigKey> key) {
    if (room.has((1L + WaitRoom.OF_A_CONFIG) * more.size())) {
      return true;
    }
    long configs = more.stream().map(key).filter(each -> !isWaitedFor(each)).distinct().count();
    return room.has(more.size() + WaitRoom.OF_A_CONFIG * configs);
  }

  /** Whether anybody waits for that. */
  public boolean isWaitedFor(ConfigKey key) {
    return rings.containsKey(key);
  }

  /** How many there are; any thread. */
  public int size() {
    return size;
  }

  /** Adds one, behind those who came before. */
  public void add(ConfigKey key, W added) {
    Wait wait = added;
    Ring ring = rings.computeIfAbsent(key, this::begin);
    wait.ring = ring;
    wait.previous = ring.end.previous;
    wait.next = ring.end;
    ring.end.previous.next = wait;
    ring.end.previous = wait;
    size = size + 1;
    room.take(1);
  }

  private Ring begin(ConfigKey key) {
    room.take(WaitRoom.OF_A_CONFIG);
    return new Ring(key);
  }

  /** Ends one that was added. */
  public void remove(W removed) {
    Wait wait = removed;
    wait.previous.next = wait.next;
    wait.next.previous = wait.previous;
    size = size - 1;
    room.giveBack(1);
    Ring ring = requireNonNull(wait.ring);
    if (ring.end.next == ring.end) {
      rings.remove(ring.key);
      room.giveBack(WaitRoom.OF_A_CONFIG);
    }
  }

  /**
   * Tells those who wait for a config by now, in slices, from now on.
   *
   * @param isDue whether one is to be told; asked just before, also of one that was removed since
   * @param tell tells one, also if it has been removed since
   * @param end comes last, also if the loop ends before
   */
  public void tell(ConfigKey key, Predicate<W> isDue, Consumer<W> tell, Runnable end) {
    List<Wait> all = new ArrayList<>();
    Ring ring = rings.get(key);
    if (ring != null) {
      for (Wait wait = ring.end.next; wait != ring.end; wait = wait.next) {
        all.add(wait);
      }
    }
    new Telling(all, isDue, tell, end).run();
  }

  private final class Telling implements Runnable {
    private final List<Wait> all;
    private final Predicate<W> isDue;
    private final Consumer<W> tell;
    private final Runnable end;
    private final int slice;
    private int looked;

    Telling(List<Wait> all, Predicate<W> isDue, Consumer<W> tell, Runnable end) {
      this.all = all;
      this.isDue = isDue;
      this.tell = tell;
      this.end = end;
      long steps = spreadMillis / STEP_MILLIS + 1;
      this.slice = (int) Math.min(SLICE, (all.size() + steps - 1) / steps);
    }

    @Override
    public void run() {
      int to = Math.min(all.size(), looked + slice);
      for (; looked < to; looked++) {
        W wait = type.cast(all.get(looked));
        if (isDue.test(wait)) {
          tell.accept(wait);
        }
      }
      if (looked < all.size()) {
        try {
          // Not execute(): a loop runs what is executed before it looks at its sockets again.
          long pause = spreadMillis == 0 ? 0 : STEP_MILLIS;
          shard.loop().schedule(this, pause, TimeUnit.MILLISECONDS);
          return;
        } catch (RejectedExecutionException ended) {
          looked = all.size();
        }
      }
      end.run();
    }
  }
}
