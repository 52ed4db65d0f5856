package io.posthaste.door.tcp;

import static java.util.Objects.requireNonNull;

import io.posthaste.server.PublishRate;
import java.time.Duration;

/**
 * The limits of the TCP door.
 *
 * @param server the server's name and version, told to clients
 * @param helloLimit how long a client may take to introduce itself
 * @param heartbeat how often something is sent and expected, if the client asks for nothing else
 * @param shortestHeartbeat the least that a client may ask for
 * @param longestHeartbeat the most
 * @param readers how many readers a connection may have
 * @param topics how many topics and patterns these may have together
 * @param polls how many polls of a connection may be under way
 * @param unanswered how many other requests of a connection may be under way; beyond, the server
 *     stops reading from it
 * @param unansweredBytes how many bytes of payload they may have together before the same happens
 * @param publishRate how many messages a publisher may publish a second, by any door
 */
public record TcpOptions(
    String server,
    Duration helloLimit,
    Duration heartbeat,
    Duration shortestHeartbeat,
    Duration longestHeartbeat,
    int readers,
    int topics,
    int polls,
    int unanswered,
    int unansweredBytes,
    PublishRate publishRate) {
  /**
   * 5 s; 25 s, 5 s to 5 min; 10,000 readers of 100,000 topics, 100 polls, 1,000 requests of 8 MiB;
   * at any rate.
   */
  public static final TcpOptions DEFAULT =
      new TcpOptions(
          "posthaste",
          Duration.ofSeconds(5),
          Duration.ofSeconds(25),
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          10_000,
          100_000,
          100,
          1_000,
          8 << 20,
          PublishRate.UNLIMITED);

  public TcpOptions {
    requireNonNull(server, "server");
    if (helloLimit.toMillis() < 1
        || shortestHeartbeat.toMillis() < 50
        || heartbeat.compareTo(shortestHeartbeat) < 0
        || longestHeartbeat.compareTo(heartbeat) < 0) {
      throw new IllegalArgumentException(
          "heartbeats: "
              + shortestHeartbeat
              + ", "
              + heartbeat
              + ", "
              + longestHeartbeat
              + " (expected: rising, from 50 ms)");
    }
    if (readers < 1 || topics < 1 || polls < 1 || unanswered < 1 || unansweredBytes < 1) {
      throw new IllegalArgumentException(
          "limits: "
              + readers
              + ", "
              + topics
              + ", "
              + polls
              + ", "
              + unanswered
              + ", "
              + unansweredBytes
              + " (expected: 1 or more each)");
    }
  }

  /** The same with another name. */
  public TcpOptions withServer(String server) {
    return new TcpOptions(
        server,
        helloLimit,
        heartbeat,
        shortestHeartbeat,
        longestHeartbeat,
        readers,
        topics,
        polls,
        unanswered,
        unansweredBytes,
        publishRate);
  }

  /** The heartbeat that applies to a client that asks for this one; 0 asks for none. */
  int heartbeatMillis(int askedMillis) {
    if (askedMillis == 0) {
      return (int) heartbeat.toMillis();
    }
    // Unsigned on the wire: what does not fit is more than the most.
    long asked = Integer.toUnsignedLong(askedMillis);
    return (int)
        Math.min(longestHeartbeat.toMillis(), Math.max(shortestHeartbeat.toMillis(), asked));
  }
}
