package io.posthaste.door.apollo;

import io.posthaste.config.Audience;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Follower;
import io.posthaste.config.Instance;
import io.posthaste.core.Id;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The processes of an application that poll from one address. A poll does not say which label its
 * process has nor what that has of a config; the gets say both. So each label that a get says is a
 * follower, which stays for as long as somebody polls. There are no more of them than polls were
 * there at one time lately: of a process that is started anew with another label, and of a get by
 * hand, the label that asked last is the one.
 *
 * <p>Thread-safe; its monitor comes before any of the audience's.
 */
final class Caller {
  private static final String DOOR = "apollo";

  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Clients poll again at once; those whose poll failed may wait longer, and are known again. */
  private static final long LEASE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Audience audience;
  private final Map<String, Follower> byLabel = new LinkedHashMap<>(2, 0.75f, true); // by last use
  private int polls;
  private int most; // polls at one time, in this window
  private int mostBefore; // in the one before
  private long windowNanos = System.nanoTime(); // when this one began
  private long endedNanos;

  Caller(Audience audience) {
    this.audience = audience;
  }

  /** A poll begins; it is to be ended. */
  synchronized void begin() {
    polls++;
    long now = System.nanoTime();
    if (now - windowNanos > WINDOW_NANOS) {
      mostBefore = most;
      most = 0;
      windowNanos = now;
    }
    most = Math.max(most, polls);
    byLabel.values().removeIf(one -> !one.resume());
  }

  /**
   * A poll has ended. Who polled is gone if no other comes shortly: clients poll again at once, and
   * one that goes to another server after an answer must not be seen here as well for long.
   */
  synchronized void end() {
    polls--;
    endedNanos = System.nanoTime();
    if (polls == 0) {
      byLabel.values().forEach(Follower::lost);
    }
  }

  /** Whether nobody has polled for so long that nobody will. */
  synchronized boolean isOver() {
    return polls == 0 && System.nanoTime() - endedNanos > LEASE_NANOS;
  }

  /** Those who poll were told that this has changed. */
  synchronized void told(ConfigKey key) {
    byLabel.values().forEach(one -> one.told(key));
  }

  /** Has those go who asked longest ago, if they are more than poll. */
  private void makeRoom() {
    Iterator<Follower> oldest = byLabel.values().iterator();
    while (byLabel.size() > Math.max(most, mostBefore)) {
      oldest.next().gone();
      oldest.remove();
    }
  }

  /**
   * One of those who poll has asked what it sees.
   *
   * @param instance who it is
   * @param given what it has by now: was given, or has said to have
   * @param others what it could have been given instead
   * @param had the versions that it said to have; empty if none that can be ours
   */
  synchronized void saw(
      Instance instance, List<Places.Found> given, List<ConfigKey> others, List<Id> had) {
    if (isOver()) {
      return;
    }
    String label = instance.labels().getOrDefault(Asked.LABEL, "");
    Follower follower = byLabel.get(label);
    if (follower == null || follower.isGone()) {
      if (given.isEmpty()) {
        return;
      }
      follower = audience.join(instance, DOOR);
      byLabel.put(label, follower);
      makeRoom();
    }
    others.forEach(follower::leaves);
    for (Places.Found one : given) {
      Id id = one.sight().id();
      if (had.contains(id)) {
        follower.listens(one.key(), one.sight().md5());
      } else {
        // Who comes from another log says nothing of how fast a version of this one spreads.
        boolean isOverAnother = had.stream().anyMatch(old -> old.epoch().equals(id.epoch()));
        follower.given(one.key(), one.sight().md5(), isOverAnother);
      }
    }
    if (polls == 0) {
      follower.lost(); // unless its next poll comes
    }
  }
}
