package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Shard;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
  /** How many are told in a go, between which the loop sees to its sockets. */
  private static final int SLICE = 256;

  private static final long STEP_MILLIS = 10;

  private final Shard shard;
  private final Class<W> type;
  private final int most;
  private final long spreadMillis;
  private final Map<ConfigKey, Ring> rings = new HashMap<>();
  private volatile int size; // written by the shard's thread only

  /**
   * @param most how many waits there may be
   * @param spreadMillis over how long those who wait for one config are told of a change, so that
   *     they do not all come for it at once; 0 for as soon as possible
   */
  public ConfigWaits(Shard shard, Class<W> type, int most, long spreadMillis) {
    this.shard = requireNonNull(shard, "shard");
    this.type = requireNonNull(type, "type");
    this.most = most;
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

  /** Whether there may be so many more. */
  public boolean hasRoom(int more) {
    return size + more <= most;
  }

  /** How many there are; any thread. */
  public int size() {
    return size;
  }

  /** Adds one, behind those who came before. */
  public void add(ConfigKey key, W added) {
    Wait wait = added;
    Ring ring = rings.computeIfAbsent(key, Ring::new);
    wait.ring = ring;
    wait.previous = ring.end.previous;
    wait.next = ring.end;
    ring.end.previous.next = wait;
    ring.end.previous = wait;
    size = size + 1;
  }

  /** Ends one that was added. */
  public void remove(W removed) {
    Wait wait = removed;
    wait.previous.next = wait.next;
    wait.next.previous = wait.previous;
    size = size - 1;
    Ring ring = requireNonNull(wait.ring);
    if (ring.end.next == ring.end) {
      rings.remove(ring.key);
    }
  }

  /**
   * Tells those who wait for a config, in slices, from now on.
   *
   * @param isDue whether one is to be told; asked at once
   * @param tell tells one, also if it has been removed since
   * @param end comes last, also if the loop ends before
   */
  public void tell(ConfigKey key, Predicate<W> isDue, Consumer<W> tell, Runnable end) {
    List<W> due = new ArrayList<>();
    Ring ring = rings.get(key);
    if (ring != null) {
      for (Wait wait = ring.end.next; wait != ring.end; wait = wait.next) {
        W cast = type.cast(wait);
        if (isDue.test(cast)) {
          due.add(cast);
        }
      }
    }
    new Telling(due, tell, end).run();
  }

  private final class Telling implements Runnable {
    private final List<W> due;
    private final Consumer<W> tell;
    private final Runnable end;
    private final int slice;
    private int told;

    Telling(List<W> due, Consumer<W> tell, Runnable end) {
      this.due = due;
      this.tell = tell;
      this.end = end;
      long steps = spreadMillis / STEP_MILLIS + 1;
      this.slice = (int) Math.min(SLICE, (due.size() + steps - 1) / steps);
    }

    @Override
    public void run() {
      int to = Math.min(due.size(), told + slice);
      for (; told < to; told++) {
        tell.accept(due.get(told));
      }
      if (told < due.size()) {
        try {
          // Not execute(): a loop runs what is executed before it looks at its sockets again.
          long pause = spreadMillis == 0 ? 0 : STEP_MILLIS;
          shard.loop().schedule(this, pause, TimeUnit.MILLISECONDS);
          return;
        } catch (RejectedExecutionException ended) {
          told = due.size();
        }
      }
      end.run();
    }
  }
}
