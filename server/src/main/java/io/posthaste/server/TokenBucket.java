package io.posthaste.server;

/**
 * How often something may be done: so often at once, and so often a second from then on. Has no
 * clock and no timer of its own; whoever asks says when. To be used by one thread at a time.
 */
final class TokenBucket {
  private final double perNano;
  private final double most;
  private double left;
  private long countedAt;

  /**
   * A full bucket.
   *
   * @param perSecond what it is filled with
   * @param most what it holds
   * @param nanos now, by a clock that only goes forward
   */
  TokenBucket(double perSecond, double most, long nanos) {
    if (!(perSecond > 0) || !(most >= 1)) {
      throw new IllegalArgumentException(
          "perSecond, most: " + perSecond + ", " + most + " (expected: above 0, and at least 1)");
    }
    this.perNano = perSecond / 1e9;
    this.most = most;
    this.left = most;
    this.countedAt = nanos;
  }

  /**
   * Takes some, if there is at least one; more than there are leave it in debt, so that a large
   * request is as dear as many small ones, and is not refused for ever.
   *
   * @return 0 if they were taken, else for how many nanoseconds there is none yet
   */
  long take(int count, long nanos) {
    count(nanos);
    if (left < 1) {
      return Math.max(1, (long) Math.ceil((1 - left) / perNano));
    }
    left -= count;
    return 0;
  }

  /** Whether it is as full as a new one, so that it need not be kept. */
  boolean isFull(long nanos) {
    count(nanos);
    return left >= most;
  }

  private void count(long nanos) {
    left = Math.min(most, left + Math.max(0, nanos - countedAt) * perNano);
    countedAt = nanos;
  }
}
