package io.posthaste.config;

import org.jspecify.annotations.Nullable;

/**
 * What one follower has of one config. There are as many as all listen to: 56 bytes, so fields are
 * few on purpose. Guarded by its follower's monitor, but for its neighbours among those of the
 * config.
 */
final class Holding {
  /** Not known how long after its publication the version came. */
  static final int UNKNOWN_MILLIS = -1;

  final Follower follower;
  final Followed followed;
  @Nullable Holding next; // of those of the config: guarded by that one's monitor, as the other
  @Nullable Holding previous;
  SeenVersion has;
  @Nullable SeenVersion told; // last, and not since it has it
  long hasMillis; // when it said so, or fetched it, since 1970
  long toldMillis;
  int afterMillis = UNKNOWN_MILLIS; // publication to having it
  boolean confirmed; // it said so itself; else it has fetched it
  byte round; // of the listings, the last that it was in

  Holding(
      Follower follower, Followed followed, SeenVersion has, long hasMillis, boolean confirmed) {
    this.follower = follower;
    this.followed = followed;
    this.has = has;
    this.hasMillis = hasMillis;
    this.confirmed = confirmed;
  }
}
