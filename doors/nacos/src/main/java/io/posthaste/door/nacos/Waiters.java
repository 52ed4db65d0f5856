package io.posthaste.door.nacos;

import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigView;
import io.posthaste.config.Configs;
import io.posthaste.config.Md5;
import io.posthaste.core.Shard;
import io.posthaste.door.nacos.Listening.Spelling;
import io.posthaste.server.Response;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The parked polls of one shard, by the configs that they listen to: a ring for each config, so
 * that a change costs those who listen to it and nobody else, and a poll of thousands of configs
 * can go without looking for itself. Owned by the shard's thread.
 */
final class Waiters {
  /** How many polls are told in a go, between which the loop sees to its sockets. */
  private static final int SLICE = 256;

  final Shard shard;
  private final Configs configs;
  private final int maxListened;
  private final Map<ConfigKey, Ring> rings = new HashMap<>();
  private volatile int listened; // written by the shard's thread only

  /**
   * @param maxListened how many configs all parked polls together may listen to, each counted as
   *     often as it is listened to
   */
  Waiters(Shard shard, Configs configs, int maxListened) {
    this.shard = shard;
    this.configs = configs;
    this.maxListened = maxListened;
  }

  /** Those who listen to a config: the end of a ring of their waits. */
  private static final class Ring {
    final ConfigKey key;
    final Wait end = new Wait();

    Ring(ConfigKey key) {
      this.key = key;
    }
  }

  /** That a poll listens to a config. 40 bytes, as there are many: fields are few on purpose. */
  static final class Wait {
    private final @Nullable ParkedPoll poll;
    private final @Nullable Ring ring;
    private final @Nullable Md5 md5; // that the client has; shared with whoever knows it too
    private final Spelling spelling;
    private Wait next = this;
    private Wait previous = this;

    private Wait() {
      this(null, null, null, Spelling.ABSENT);
    }

    private Wait(
        @Nullable ParkedPoll poll, @Nullable Ring ring, @Nullable Md5 md5, Spelling spelling) {
      this.poll = poll;
      this.ring = ring;
      this.md5 = md5;
      this.spelling = spelling;
    }

    ConfigKey key() {
      return Objects.requireNonNull(ring).key;
    }
  }

  /** Whether a poll of so many configs can be parked. */
  boolean hasRoom(int configs) {
    return listened + configs <= maxListened;
  }

  /** How many waits there are; any thread. */
  int listened() {
    return listened;
  }

  /** Has a poll wait for a change of a config. */
  Wait add(ParkedPoll poll, Listening.Entry entry) {
    Ring ring = rings.computeIfAbsent(entry.key(), Ring::new);
    Md5 known = configs.md5(ring.key, poll.instance());
    Md5 md5 = Objects.equals(known, entry.md5()) ? known : entry.md5();
    Wait wait = new Wait(poll, ring, md5, entry.spelling());
    wait.previous = ring.end.previous;
    wait.next = ring.end;
    ring.end.previous.next = wait;
    ring.end.previous = wait;
    listened = listened + 1;
    return wait;
  }

  /** Ends a wait. */
  void remove(Wait wait) {
    wait.previous.next = wait.next;
    wait.next.previous = wait.previous;
    listened = listened - 1;
    Ring ring = Objects.requireNonNull(wait.ring);
    if (ring.end.next == ring.end) {
      rings.remove(ring.key);
    }
  }

  /** Tells those who listen to these configs and have another version than they should see. */
  void tell(List<ConfigKey> changed) {
    for (ConfigKey key : changed) {
      Ring ring = rings.get(key);
      if (ring != null) {
        List<Wait> due = due(ring);
        if (!due.isEmpty()) {
          new Telling(key, due).run();
        }
      }
    }
  }

  private List<Wait> due(Ring ring) {
    ConfigView view = configs.view(ring.key);
    List<Wait> due = new ArrayList<>();
    for (Wait wait = ring.end.next; wait != ring.end; wait = wait.next) {
      if (!Objects.equals(wait.md5, view.md5(Objects.requireNonNull(wait.poll).instance()))) {
        due.add(wait);
      }
    }
    return due;
  }

  /** Tells many of one change, in slices, by answers that they share. */
  private final class Telling implements Runnable {
    private final ConfigKey key;
    private final List<Wait> due;
    private final Map<Spelling, Response> answers = new EnumMap<>(Spelling.class);
    private int told;

    Telling(ConfigKey key, List<Wait> due) {
      this.key = key;
      this.due = due;
    }

    @Override
    public void run() {
      int end = Math.min(due.size(), told + SLICE);
      for (; told < end; told++) {
        Wait wait = due.get(told);
        Objects.requireNonNull(wait.poll).tell(key, answer(wait.spelling));
      }
      if (told < due.size()) {
        try {
          // Not execute(): a loop runs what is executed before it looks at its sockets again.
          shard.loop().schedule(this, 0, TimeUnit.NANOSECONDS);
          return;
        } catch (RejectedExecutionException ended) {
          told = due.size();
        }
      }
      answers.values().forEach(Response::release);
    }

    private Response answer(Spelling spelling) {
      return answers.computeIfAbsent(spelling, s -> PollHandler.answer(List.of(key), List.of(s)));
    }
  }
}
