package io.posthaste.door.nacos;

import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigView;
import io.posthaste.config.ConfigWaits;
import io.posthaste.config.Configs;
import io.posthaste.config.Md5;
import io.posthaste.config.WaitRoom;
import io.posthaste.core.Shard;
import io.posthaste.door.nacos.Listening.Entry;
import io.posthaste.door.nacos.Listening.Spelling;
import io.posthaste.server.Response;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The parked polls of one shard, by the configs that they listen to. Owned by its thread. */
final class Waiters {
  final Shard shard;
  private final Configs configs;
  private final ConfigWaits<Wait> waits;

  Waiters(Shard shard, Configs configs, WaitRoom room) {
    this.shard = shard;
    this.configs = configs;
    this.waits = new ConfigWaits<>(shard, Wait.class, room, 0);
  }

  /** That a poll listens to a config. 40 bytes, as there are many: fields are few on purpose. */
  static final class Wait extends ConfigWaits.Wait {
    private final ParkedPoll poll;
    private final @Nullable Md5 md5; // that the client has; shared with whoever knows it too
    private final Spelling spelling;

    private Wait(ParkedPoll poll, @Nullable Md5 md5, Spelling spelling) {
      this.poll = poll;
      this.md5 = md5;
      this.spelling = spelling;
    }
  }

  /** Whether a poll of these can be parked. */
  boolean hasRoom(List<Entry> entries) {
    return waits.hasRoom(entries, Entry::key);
  }

  /** How many waits there are; any thread. */
  int listened() {
    return waits.size();
  }

  /** Has a poll wait for a change of a config. */
  Wait add(ParkedPoll poll, Entry entry) {
    Md5 known = configs.md5(entry.key(), poll.instance());
    Md5 md5 = Objects.equals(known, entry.md5()) ? known : entry.md5();
    Wait wait = new Wait(poll, md5, entry.spelling());
    waits.add(entry.key(), wait);
    return wait;
  }

  /** Ends a wait. */
  void remove(Wait wait) {
    waits.remove(wait);
  }

  /**
   * Tells those who listen to these configs and have another version than they should see, by
   * answers that they share.
   */
  void tell(List<ConfigKey> changed) {
    for (ConfigKey key : changed) {
      if (waits.isWaitedFor(key)) {
        tell(key);
      }
    }
  }

  private void tell(ConfigKey key) {
    ConfigView view = configs.view(key);
    Map<Spelling, Response> answers = new EnumMap<>(Spelling.class);
    waits.tell(
        key,
        wait -> !Objects.equals(wait.md5, view.md5(wait.poll.instance())),
        wait ->
            wait.poll.tell(
                key,
                answers.computeIfAbsent(
                    wait.spelling, s -> PollHandler.answer(List.of(key), List.of(s)))),
        () -> answers.values().forEach(Response::release));
  }
}
