package io.posthaste.config;

import io.posthaste.core.Id;
import io.posthaste.core.Shard;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
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
 * <p>A step that is due waits while the gate objects, and is taken when it no longer does. If it
 * objects for too long, the roll-out is held until somebody has looked.
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

  /** For so long a step waits for those who are behind. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** For so long after a start steps wait that were due before; clients come back sooner. */
  static final Duration TO_RETURN = Duration.ofSeconds(60);

  /** To ask all nodes who listens is not for every look. */
  private static final long ASK_AGAIN_MILLIS = 3_000;

  /**
   * What stands against a step.
   *
   * @param version which was due
   * @param sinceMillis since when it is known here
   * @param askedMillis when the gate was asked last
   */
  private record Objection(Id version, long sinceMillis, long askedMillis) {}

  private final Shard shard;
  private final Configs configs;
  private final GrayReleases grays;
  private final RolloutGate gate;
  private final Clock clock;
  private final long patienceMillis;
  private final long returnMillis;
  private final Map<GrayKey, Objection> objections = new HashMap<>();
  private final Set<GrayKey> underWay = new HashSet<>();
  private final long startedMillis;
  private long readyMillis = Long.MAX_VALUE; // since when all configs are known
  private boolean closed;

  /**
   * @param patience for how long a step may wait
   * @param toReturn for how long after a start those who listened before may take to come back
   */
  RolloutTimer(
      Shard shard,
      Configs configs,
      RolloutGate gate,
      Duration patience,
      Duration toReturn,
      Clock clock) {
    this.shard = shard;
    this.configs = configs;
    this.grays = configs.grays();
    this.gate = gate;
    this.patienceMillis = patience.toMillis();
    this.returnMillis = toReturn.toMillis();
    this.clock = clock;
    this.startedMillis = clock.millis();
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
    try {
      if (!closed && configs.isReady()) {
        long now = clock.millis();
        readyMillis = Math.min(readyMillis, now);
        objections.entrySet().removeIf(known -> isOver(known.getKey(), known.getValue()));
        grays.all().forEach(gray -> look(gray, now));
      }
    } finally {
      schedule();
    }
  }

  private boolean isOver(GrayKey key, Objection objection) {
    return grays.of(key.config()).stream().noneMatch(gray -> gray.id().equals(objection.version));
  }

  private void look(GrayVersion gray, long now) {
    GrayKey key = gray.key();
    OptionalLong next = gray.nextStageMillis();
    boolean isDue = next.isPresent() && next.getAsLong() <= now && knowsWhoListens(gray, now);
    boolean isLost =
        gray.rollout().state() == Rollout.State.PROMOTING && gray.timeMillis() + LOST_MILLIS <= now;
    if ((isDue && !wasAskedJustNow(gray, now) || isLost) && underWay.add(key)) {
      begin(gray, isLost, now)
          .whenComplete(
              (outcome, failure) -> {
                if (failure != null) { // the log does not answer: it is due still
                  LOGGER.log(System.Logger.Level.DEBUG, "a roll-out waits gray={0}", key, failure);
                }
                onShard(() -> underWay.remove(key));
              });
    }
  }

  private CompletionStage<?> begin(GrayVersion gray, boolean isLost, long now) {
    try {
      return isLost ? grays.finish(gray.key()) : stepIfNothingObjects(gray, now);
    } catch (RuntimeException e) { // of one: the others go on
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Whether those who listened to a version before this node was started have had the time to come
   * back: until then nobody seems to be behind.
   */
  private boolean knowsWhoListens(GrayVersion gray, long now) {
    return gray.timeMillis() >= startedMillis || now - readyMillis >= returnMillis;
  }

  private boolean wasAskedJustNow(GrayVersion gray, long now) {
    Objection known = objections.get(gray.key());
    return known != null
        && known.version.equals(gray.id())
        && now < known.askedMillis + ASK_AGAIN_MILLIS;
  }

  private CompletionStage<?> stepIfNothingObjects(GrayVersion gray, long now) {
    CompletableFuture<String> objection = new CompletableFuture<>();
    gate.objection(gray)
        .whenComplete(
            (text, failure) ->
                onShard(() -> objection.complete(failure == null ? text : "nobody can be asked")));
    return objection.thenCompose(
        text -> {
          if (text.isEmpty()) {
            return step(gray);
          }
          Objection known = objections.get(gray.key());
          long since = known != null && known.version.equals(gray.id()) ? known.sinceMillis : now;
          objections.put(gray.key(), new Objection(gray.id(), since, now));
          return now - since < patienceMillis
              ? CompletableFuture.completedFuture(null)
              : hold(gray, text);
        });
  }

  private CompletionStage<Changed> hold(GrayVersion gray, String reason) {
    LOGGER.log(System.Logger.Level.INFO, "a roll-out is held gray={0} why={1}", gray.key(), reason);
    return grays.hold(
        gray.key(), gray.attributes().by("", "", reason), new Expected.Version(gray.id()));
  }

  private CompletionStage<Changed> step(GrayVersion gray) {
    int next = gray.rollout().after(gray.rule().share());
    ConfigAttributes who =
        gray.attributes().by(gray.attributes().author(), "", next / 100.0 + " % by timer");
    return grays
        .step(gray.key(), who, new Expected.Version(gray.id()))
        .thenCompose(
            outcome ->
                // The config is another by now, which only a person can judge.
                outcome instanceof Changed.Refused refused
                    ? hold(gray, refused.reason())
                    : CompletableFuture.completedFuture(outcome));
  }

  @Override
  public void close() {
    onShard(() -> closed = true);
  }
}
