package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigView;
import io.posthaste.config.ConfigWaits;
import io.posthaste.config.Configs;
import io.posthaste.config.Instance;
import io.posthaste.config.Sight;
import io.posthaste.core.Id;
import io.posthaste.core.Shard;
import io.posthaste.server.Exchange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Those of one shard who wait to hear that another version of a config is meant for them. Owned by
 * its thread.
 */
final class SightWaits {
  final Shard shard;
  private final Configs configs;
  private final ConfigWaits<Wait> waits;

  SightWaits(Shard shard, Configs configs) {
    this.shard = shard;
    this.configs = configs;
    this.waits = new ConfigWaits<>(shard, Wait.class, configs.waitRoom(), 0);
  }

  /** That somebody waits for a config. There are many, so fields are few. */
  static final class Wait extends ConfigWaits.Wait {
    private final HeldSights held;
    private @Nullable Id gray; // the gray version that he has; null if it is the one for all

    private Wait(HeldSights held) {
      this.held = held;
    }
  }

  boolean hasRoom(List<Having> all) {
    return waits.hasRoom(all, Having::key);
  }

  Wait add(HeldSights held, ConfigKey key) {
    Wait wait = new Wait(held);
    waits.add(key, wait);
    return wait;
  }

  void remove(Wait wait) {
    waits.remove(wait);
  }

  /**
   * Has a wait begin with what is meant for him by now.
   *
   * @return whether that is another version than he has
   */
  boolean compare(Wait wait, Having having) {
    Optional<Sight> sight = configs.view(having.key()).of(wait.held.instance());
    wait.gray = gray(sight);
    return isOther(sight, having);
  }

  private static @Nullable Id gray(Optional<Sight> sight) {
    return sight.filter(Sight::isGray).map(Sight::id).orElse(null);
  }

  private static boolean isOther(Optional<Sight> sight, Having having) {
    return !Objects.equals(sight.map(Sight::id).orElse(null), having.id());
  }

  /** What is meant for an instance, of those of which it has another version. */
  static Map<ConfigKey, Optional<Sight>> others(
      Configs configs, Instance instance, List<Having> all) {
    Map<ConfigKey, Optional<Sight>> others = new LinkedHashMap<>();
    for (Having having : all) {
      Optional<Sight> sight = configs.view(having.key()).of(instance);
      if (isOther(sight, having)) {
        others.put(having.key(), sight);
      }
    }
    return others;
  }

  Map<ConfigKey, Optional<Sight>> sights(Instance instance, Iterable<ConfigKey> keys) {
    Map<ConfigKey, Optional<Sight>> sights = new LinkedHashMap<>();
    keys.forEach(key -> sights.put(key, configs.view(key).of(instance)));
    return sights;
  }

  /** Answers what is meant for the asker; of what is not there it has no id. */
  static void answer(Exchange exchange, Map<ConfigKey, Optional<Sight>> sights) {
    Answers.json(
        exchange,
        200,
        Map.of(),
        out -> {
          ascii(out, "{\"changed\":[");
          String before = "";
          for (Map.Entry<ConfigKey, Optional<Sight>> each : sights.entrySet()) {
            ascii(out, before + "{\"config\":");
            JsonText.string(out, each.getKey().toString());
            each.getValue()
                .ifPresent(
                    sight -> {
                      ascii(out, ",\"id\":");
                      JsonText.id(out, sight.id());
                      if (sight.isGray()) {
                        ascii(out, ",\"gray\":");
                        JsonText.string(out, sight.gray());
                      }
                    });
            out.writeByte('}');
            before = ",";
          }
          ascii(out, "]}");
        });
  }

  /** These have changed: who has, or is to have, a gray version is told; the others know. */
  void tell(List<ConfigKey> changed) {
    for (ConfigKey key : changed) {
      if (waits.isWaitedFor(key)) {
        ConfigView view = configs.view(key);
        waits.tell(key, wait -> true, wait -> look(wait, key, view), () -> {});
      }
    }
  }

  private static void look(Wait wait, ConfigKey key, ConfigView view) {
    Id gray = gray(view.of(wait.held.instance()));
    if (Objects.equals(gray, wait.gray)) {
      if (gray == null) {
        wait.held.follower().told(key); // by what it subscribes to
      }
    } else {
      wait.held.isDue(key);
    }
  }
}
