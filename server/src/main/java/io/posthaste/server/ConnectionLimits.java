package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What every connection is held to, whatever it speaks.
 *
 * @param heartbeat how long a stream or socket may be silent before it is given something to say;
 *     spread by 20 % either way, so that not all speak at once
 * @param stall how long bytes may wait while the peer's TCP accepts none, before the connection is
 *     cut. Slowness is never cut: one byte within this time is enough
 * @param lowWaterBytes a connection that was full is writable again below this
 * @param highWaterBytes a connection is full, and its reader waits, above this
 * @param sendBufferBytes the kernel's send buffer (SO_SNDBUF; Linux takes twice as much for its
 *     book-keeping); 0 leaves it to the kernel, which may then hold megabytes for one slow reader
 * @param backlog connections that the kernel may hold before they are accepted
 */
public record ConnectionLimits(
    Duration heartbeat,
    Duration stall,
    int lowWaterBytes,
    int highWaterBytes,
    int sendBufferBytes,
    int backlog) {
  /** What suits most servers. */
  public static final ConnectionLimits DEFAULT =
      new ConnectionLimits(
          Duration.ofSeconds(25), Duration.ofSeconds(120), 32 << 10, 64 << 10, 64 << 10, 4096);

  public ConnectionLimits {
    requireNonNull(heartbeat, "heartbeat");
    requireNonNull(stall, "stall");
    if (heartbeat.toMillis() < 100 || stall.toMillis() < 100) {
      throw new IllegalArgumentException(
          "heartbeat, stall: " + heartbeat + ", " + stall + " (expected: at least 100 ms each)");
    }
    if (lowWaterBytes < 1 || highWaterBytes < lowWaterBytes) {
      throw new IllegalArgumentException(
          "water marks: "
              + lowWaterBytes
              + ", "
              + highWaterBytes
              + " (expected: 1 <= low <= high)");
    }
    if (sendBufferBytes < 0 || backlog < 1) {
      throw new IllegalArgumentException(
          "sendBufferBytes, backlog: "
              + sendBufferBytes
              + ", "
              + backlog
              + " (expected: at least 0 and 1)");
    }
  }

  /** The same with another heartbeat. */
  public ConnectionLimits withHeartbeat(Duration heartbeat) {
    return new ConnectionLimits(
        heartbeat, stall, lowWaterBytes, highWaterBytes, sendBufferBytes, backlog);
  }

  /** The same with another stall limit. */
  public ConnectionLimits withStall(Duration stall) {
    return new ConnectionLimits(
        heartbeat, stall, lowWaterBytes, highWaterBytes, sendBufferBytes, backlog);
  }
}
