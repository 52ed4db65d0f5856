package io.posthaste.core;

/** Something that a shard does in slices, so that nothing else has to wait for long. */
interface Work {
  /**
   * Does a slice.
   *
   * @param budget about how many readers may be served, 1 or more
   * @return how many were
   */
  int work(int budget);

  /** Whether there is more to do: then another slice comes when others have had their turn. */
  boolean hasMore();
}
