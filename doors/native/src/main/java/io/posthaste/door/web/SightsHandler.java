package io.posthaste.door.web;

import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigListener;
import io.posthaste.config.Configs;
import io.posthaste.config.Follower;
import io.posthaste.config.Instance;
import io.posthaste.config.Sight;
import io.posthaste.core.Hub;
import io.posthaste.core.Shard;
import io.posthaste.server.Exchange;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /v1/configs/sights}: which of these configs are not what the asker should have? If
 * none is, the answer waits until one is that has to do with a gray version. What is for all is
 * told by the topics themselves, so a change of that ends no wait.
 *
 * <p>{@code POST /v1/configs/had}: these versions the asker has by now.
 *
 * <p>Whoever waits is known as a listener of those configs, with what he has. A wait is registered
 * before versions are compared, so that no change falls between.
 */
final class SightsHandler implements ConfigListener {
  private static final Logger LOGGER = LoggerFactory.getLogger(SightsHandler.class);
  private static final long MOST_MILLIS = 60_000;

  /** What its followers are said to listen by. */
  static final String DOOR = "native";

  private final Configs configs;
  private final Map<Shard, SightWaits> byShard = new HashMap<>(); // not changed once it is made

  SightsHandler(Hub hub, Configs configs) {
    this.configs = configs;
    for (Shard shard : hub.shards()) {
      byShard.put(shard, new SightWaits(shard, configs));
    }
    configs.listen(this);
  }

  /** Has every shard look for those whom that concerns. */
  @Override
  public void onChanged(List<ConfigKey> keys) {
    byShard.forEach(
        (shard, waits) -> {
          try {
            shard.loop().execute(() -> waits.tell(keys));
          } catch (RejectedExecutionException ended) {
            LOGGER.debug("loop ended before who waits was told");
          }
        });
  }

  /** Answers, or has it wait. */
  void sights(Exchange exchange, Session session) {
    long asked = Parameters.of(exchange.request(), Set.of("wait")).waitMillis(exchange.request());
    long most = Math.min(asked, MOST_MILLIS);
    // Who came together does not come again together.
    long millis = most == 0 ? 0 : most - ThreadLocalRandom.current().nextLong(most / 5 + 1);
    Instance instance = CallerHeader.of(exchange);
    List<Having> all = readable(exchange, session);
    if (millis == 0 || all.isEmpty()) {
      SightWaits.answer(exchange, SightWaits.others(configs, instance, all));
      return;
    }
    SightWaits waits = Objects.requireNonNull(byShard.get(exchange.shard()));
    if (!waits.hasRoom(all)) {
      Map<ConfigKey, Optional<Sight>> others = SightWaits.others(configs, instance, all);
      if (others.isEmpty()) {
        Answers.problem(
            exchange,
            Refusal.busy("too many wait for configs here (expected: a retry, elsewhere)"));
      } else {
        SightWaits.answer(exchange, others);
      }
      return;
    }
    Follower follower = configs.audience().poll(instance, DOOR, all.get(0).key());
    try {
      follower.listensTo(all);
      HeldSights.begin(exchange, session, instance, follower, waits, all, millis);
    } catch (RuntimeException e) {
      follower.gone(); // else it would seem to wait for ever
      throw e;
    }
  }

  /** Takes note of what the asker has. */
  void had(Exchange exchange, Session session) {
    Parameters.of(exchange.request(), Set.of());
    Instance instance = CallerHeader.of(exchange);
    for (Having one : readable(exchange, session)) {
      configs.audience().has(instance, DOOR, one.key(), one.md5());
    }
    Answers.empty(exchange, 204, Map.of());
  }

  /**
   * What the request lists, without what may not be read: of that nothing is told, and it is the
   * subscription's to refuse.
   */
  private static List<Having> readable(Exchange exchange, Session session) {
    return Having.parse(ByteBufUtil.getBytes(exchange.request().body())).stream()
        .filter(one -> session.mayRead(one.key().topic()))
        .toList();
  }
}
