package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What a request is held to.
 *
 * @param connection what any connection is held to
 * @param maxRequestLineBytes the longest method, target and version together; 414 beyond. Long,
 *     because a list of topics is part of it
 * @param maxHeaderBytes the most bytes in all header fields together; 431 beyond
 * @param maxBodyBytes the largest body (or WebSocket message) where a route does not say otherwise;
 *     413 beyond
 * @param maxDrainBytes how much of a refused body is still read, so that its sender comes to read
 *     the refusal
 * @param headTime how long a request's head may take from its first byte
 * @param bodyPeriod how long the next {@code bodyPeriodBytes} of a body or WebSocket message (or
 *     its rest) may take
 * @param bodyPeriodBytes see {@code bodyPeriod}
 * @param idle how long a connection is kept open between two requests; shortened by up to 20 % at
 *     random
 * @param closeTime how long a WebSocket's peer may take to answer a close, and a refused body's
 *     sender to finish
 */
public record HttpLimits(
    ConnectionLimits connection,
    int maxRequestLineBytes,
    int maxHeaderBytes,
    int maxBodyBytes,
    long maxDrainBytes,
    Duration headTime,
    Duration bodyPeriod,
    int bodyPeriodBytes,
    Duration idle,
    Duration closeTime) {
  /** What suits most servers. */
  public static final HttpLimits DEFAULT =
      new HttpLimits(
          ConnectionLimits.DEFAULT,
          64 << 10,
          16 << 10,
          1 << 20,
          8 << 20,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          64 << 10,
          Duration.ofSeconds(75),
          Duration.ofSeconds(5));

  public HttpLimits {
    requireNonNull(connection, "connection");
    requireNonNull(headTime, "headTime");
    requireNonNull(bodyPeriod, "bodyPeriod");
    requireNonNull(idle, "idle");
    requireNonNull(closeTime, "closeTime");
    if (maxRequestLineBytes < 64 || maxHeaderBytes < 64 || maxBodyBytes < 0 || maxDrainBytes < 0) {
      throw new IllegalArgumentException(
          "request line, headers, body, drain: "
              + maxRequestLineBytes
              + ", "
              + maxHeaderBytes
              + ", "
              + maxBodyBytes
              + ", "
              + maxDrainBytes
              + " (expected: at least 64, 64, 0, 0 bytes)");
    }
  }

  /** The same with other limits for any connection. */
  public HttpLimits withConnection(ConnectionLimits connection) {
    return new HttpLimits(
        connection,
        maxRequestLineBytes,
        maxHeaderBytes,
        maxBodyBytes,
        maxDrainBytes,
        headTime,
        bodyPeriod,
        bodyPeriodBytes,
        idle,
        closeTime);
  }

  /** The same with another time between two requests. */
  public HttpLimits withIdle(Duration idle) {
    return withTimes(headTime, bodyPeriod, idle, closeTime);
  }

  /** The same with other times. */
  public HttpLimits withTimes(
      Duration headTime, Duration bodyPeriod, Duration idle, Duration closeTime) {
    return new HttpLimits(
        connection,
        maxRequestLineBytes,
        maxHeaderBytes,
        maxBodyBytes,
        maxDrainBytes,
        headTime,
        bodyPeriod,
        bodyPeriodBytes,
        idle,
        closeTime);
  }
}
