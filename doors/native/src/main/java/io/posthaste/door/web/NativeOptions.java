package io.posthaste.door.web;

import io.posthaste.server.PublishRate;

/**
 * The limits of the native door.
 *
 * @param maxWaitMillis the longest that a poll is held; a longer wait is shortened
 * @param retryMillis how long an SSE client should wait before it connects again
 * @param frameBytes after so many bytes a forever frame is told to load itself anew
 * @param frameMillis after so long a forever frame is told to load itself anew
 * @param readersPerSocket how many readers one WebSocket may have
 * @param topicsPerSocket how many topics and patterns these may have together
 * @param publishesPerSocket how many publications of one WebSocket may be under way
 * @param publishBytesPerSocket how many bytes they may have together
 * @param batchLines how many messages one batch may have
 * @param publishRate how many messages a publisher may publish a second, by any door
 */
public record NativeOptions(
    long maxWaitMillis,
    int retryMillis,
    long frameBytes,
    long frameMillis,
    int readersPerSocket,
    int topicsPerSocket,
    int publishesPerSocket,
    int publishBytesPerSocket,
    int batchLines,
    PublishRate publishRate) {
  /**
   * 60 s, 3 s, 4 MiB, 10 min, 10,000 readers of 100,000 topics, 1,000 publications of 8 MiB, 10,000
   * lines, at any rate.
   */
  public static final NativeOptions DEFAULT =
      new NativeOptions(
          60_000,
          3_000,
          4 << 20,
          600_000,
          10_000,
          100_000,
          1_000,
          8 << 20,
          10_000,
          PublishRate.UNLIMITED);

  /** The same with another rate. */
  public NativeOptions withPublishRate(PublishRate rate) {
    return new NativeOptions(
        maxWaitMillis,
        retryMillis,
        frameBytes,
        frameMillis,
        readersPerSocket,
        topicsPerSocket,
        publishesPerSocket,
        publishBytesPerSocket,
        batchLines,
        rate);
  }
}
