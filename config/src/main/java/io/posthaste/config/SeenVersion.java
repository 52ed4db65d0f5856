package io.posthaste.config;

import io.posthaste.core.Id;
import org.jspecify.annotations.Nullable;

/**
 * A version of a config as those who listen to it are told of it, and how it spreads among them.
 * Shared by all who have it; its spreads are guarded by its monitor, the last in the order of
 * locks.
 */
final class SeenVersion {
  /** Of a content; null for none. */
  final @Nullable Md5 md5;

  /** Null where the content is none that is known: an older one, or one that never was here. */
  final @Nullable Id id;

  /** When it was published, in milliseconds since 1970. */
  final long publishedMillis;

  private final Spread told = new Spread();
  private final Spread had = new Spread();

  SeenVersion(@Nullable Md5 md5, @Nullable Id id, long publishedMillis) {
    this.md5 = md5;
    this.id = id;
    this.publishedMillis = publishedMillis;
  }

  /** Somebody was told of it, so long after it was published. */
  synchronized void toldAfter(long millis) {
    told.add(millis);
  }

  /** Somebody has it who had another, so long after it was published. */
  synchronized void hadAfter(long millis) {
    had.add(millis);
  }

  /** Both as they are now. */
  synchronized Spreads spreads() {
    return new Spreads(told.copy(), had.copy());
  }

  /**
   * How a version spread.
   *
   * @param told those who were told
   * @param had those who then had it
   */
  record Spreads(Spread told, Spread had) {}
}
