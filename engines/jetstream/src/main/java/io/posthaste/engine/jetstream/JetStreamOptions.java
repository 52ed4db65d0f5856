package io.posthaste.engine.jetstream;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Policies;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * What a clustered log is opened with.
 *
 * @param servers where NATS is, as {@code nats://host:4222} or {@code tls://host:4222}; a user and
 *     password, or a token, may stand before the host. One that answers is enough: it tells of the
 *     others
 * @param credentials a file with a JWT and a key, as {@code nsc} writes it
 * @param authorities certificates in PEM, by one of which the servers' are signed; else the JDK's
 * @param policies what applies to topics
 * @param prefix what names of streams and subjects begin with: logs with other prefixes are other
 *     logs
 * @param replicas on how many servers a stream is to be kept, 1, 3 or 5; 0 for 3 in a cluster and
 *     else 1
 * @param clock tells the time of messages
 * @param connectWithin how long the first connection may take
 * @param maxUnansweredBytes with more appends under way, further ones are refused
 * @param maxQueuedBytes so much of what is heard may wait to be told
 */
public record JetStreamOptions(
    List<String> servers,
    Optional<Path> credentials,
    Optional<Path> authorities,
    Policies policies,
    String prefix,
    int replicas,
    InstantSource clock,
    Duration connectWithin,
    long maxUnansweredBytes,
    long maxQueuedBytes) {
  private static final long MIB = 1 << 20;

  public JetStreamOptions {
    servers = List.copyOf(servers);
    requireNonNull(credentials, "credentials");
    requireNonNull(authorities, "authorities");
    requireNonNull(policies, "policies");
    requireNonNull(clock, "clock");
    requireNonNull(connectWithin, "connectWithin");
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("servers: none (expected: one or more)");
    }
    if (!prefix.matches("[A-Za-z0-9-]{1,32}")) {
      throw new IllegalArgumentException(
          "prefix: " + prefix + " (expected: 1 to 32 letters, digits or -)");
    }
    if (replicas != 0 && replicas != 1 && replicas != 3 && replicas != 5) {
      throw new IllegalArgumentException("replicas: " + replicas + " (expected: 0, 1, 3 or 5)");
    }
  }

  /** The usual: 64 MiB of appends under way, 64 MiB or an eighth of the heap of what is heard. */
  public static JetStreamOptions of(List<String> servers, Policies policies) {
    return new JetStreamOptions(
        servers,
        Optional.empty(),
        Optional.empty(),
        policies,
        "posthaste",
        0,
        InstantSource.system(),
        Duration.ofSeconds(10),
        64 * MIB,
        Math.min(64 * MIB, Runtime.getRuntime().maxMemory() / 8));
  }

  /** The same with a file of credentials, or none. */
  public JetStreamOptions withCredentials(Optional<Path> file) {
    return new JetStreamOptions(
        servers,
        file,
        authorities,
        policies,
        prefix,
        replicas,
        clock,
        connectWithin,
        maxUnansweredBytes,
        maxQueuedBytes);
  }

  /** The same with a file of certificates, or none. */
  public JetStreamOptions withAuthorities(Optional<Path> file) {
    return new JetStreamOptions(
        servers,
        credentials,
        file,
        policies,
        prefix,
        replicas,
        clock,
        connectWithin,
        maxUnansweredBytes,
        maxQueuedBytes);
  }

  /** The same under another prefix. */
  public JetStreamOptions withPrefix(String prefix) {
    return new JetStreamOptions(
        servers,
        credentials,
        authorities,
        policies,
        prefix,
        replicas,
        clock,
        connectWithin,
        maxUnansweredBytes,
        maxQueuedBytes);
  }

  /** The same with so many replicas. */
  public JetStreamOptions withReplicas(int replicas) {
    return new JetStreamOptions(
        servers,
        credentials,
        authorities,
        policies,
        prefix,
        replicas,
        clock,
        connectWithin,
        maxUnansweredBytes,
        maxQueuedBytes);
  }

  /** The same with this clock. */
  public JetStreamOptions withClock(InstantSource clock) {
    return new JetStreamOptions(
        servers,
        credentials,
        authorities,
        policies,
        prefix,
        replicas,
        clock,
        connectWithin,
        maxUnansweredBytes,
        maxQueuedBytes);
  }
}
