package io.posthaste.config;

import io.posthaste.core.Shard;
import java.time.Clock;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Takes the steps of roll-outs that go by themselves, and finishes promotions whose node died.
 * Every node does, for all: a step is a compare-and-set on the version that was due, so whoever is
 * first has taken it, and no node need be alive in particular.
 *
 * <p>When a step is due is told by the time at which the log took the version before, so it is due
 * after a restart as it was before. Clocks of nodes that differ shift it by as much.
 *
 * <p>Owned by the hub's first shard.
 */
final class RolloutTimer implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(RolloutTimer.class.getName());
  private static final long LOOK_MILLIS = 500;

  /** A promotion takes a few appends; one older has lost its node. */
  private static final long LOST_MILLIS = 10_000;

  private final Shard shard;
  private final Configs configs;
  private final GrayReleases grays;
  private final RolloutGate gate;
  private final Clock clock;
  private final Set<GrayKey> underWay = new HashSet<>();
  private boolean closed;

  RolloutTimer(Shard shard, Configs configs, RolloutGate gate, Clock clock) {
    this.shard = shard;
    this.configs = configs;
    this.grays = configs.grays();
    this.gate = gate;
    this.clock = clock;
  }

  void start() {
    onShard(this::schedule);
  }

  private void onShard(Runnable task) {
    try {
      shard.loop().execute(task);
    } catch (RejectedExecutionException ended) {
      LOGGER.log(System.Logger.Level.DEBUG, "the loop has ended");
    }
  }

  private void schedule() {
    if (!closed) {
      try {
        shard.loop().schedule(this::tick, LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException ended) {
        LOGGER.log(System.Logger.Level.DEBUG, "the loop has ended");
      }
    }
  }

  private void tick() {
    if (!closed && configs.isReady()) {
      long now = clock.millis();
      grays.all().forEach(gray -> look(gray, now));
    }
    schedule();
  }

  private void look(GrayVersion gray, long now) {
    GrayKey key = gray.key();
    OptionalLong next = gray.nextStageMillis();
    boolean isDue = next.isPresent() && next.getAsLong() <= now;
    boolean isLost =
        gray.rollout().state() == Rollout.State.PROMOTING && gray.timeMillis() + LOST_MILLIS <= now;
    if ((isDue || isLost) && underWay.add(key)) {
      CompletionStage<?> doing = isLost ? grays.finish(key) : step(gray);
      doing.whenComplete(
          (outcome, failure) -> {
            if (failure != null) { // the log does not answer: it is due still
              LOGGER.log(System.Logger.Level.DEBUG, "a roll-out waits gray={0}", key, failure);
            }
            onShard(() -> underWay.remove(key));
          });
    }
  }

  private CompletionStage<Changed> step(GrayVersion gray) {
    return gate.objection(gray)
        .thenCompose(
            objection -> {
              Expected same = new Expected.Version(gray.id());
              ConfigAttributes who = gray.attributes();
              if (!objection.isEmpty()) {
                LOGGER.log(
                    System.Logger.Level.INFO,
                    "a roll-out is held back gray={0} why={1}",
                    gray.key(),
                    objection);
                return grays.hold(gray.key(), who.by("", "", objection), same);
              }
              int next = gray.rollout().after(gray.rule().share());
              String comment = "stage " + next / 100.0 + " % by timer";
              return grays.step(gray.key(), who.by(who.author(), "", comment), same);
            })
        .thenCompose(
            outcome ->
                // The config is another by now, which only a person can judge.
                outcome instanceof Changed.Refused refused
                    ? grays.hold(
                        gray.key(),
                        gray.attributes().by("", "", refused.reason()),
                        new Expected.Version(gray.id()))
                    : CompletableFuture.completedFuture(outcome));
  }

  @Override
  public void close() {
    onShard(() -> closed = true);
  }
}
