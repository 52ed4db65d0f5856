package io.posthaste.access;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * How access is kept.
 *
 * @param lease for how long a server that does not hear the log goes on serving those whom it knows
 * @param tokens which signed tokens are believed; null for none
 * @param clock tells when keys, tokens and tickets end
 */
public record AccessOptions(Duration lease, @Nullable TokenOptions tokens, InstantSource clock) {
  /** A lease of 10 s, no tokens, and the machine's clock. */
  public static final AccessOptions DEFAULT =
      new AccessOptions(Duration.ofSeconds(10), null, InstantSource.system());

  public AccessOptions {
    requireNonNull(clock, "clock");
    if (lease.toMillis() < 1_000) {
      throw new IllegalArgumentException("lease: " + lease + " (expected: 1 s or more)");
    }
  }

  /** The same with another lease. */
  public AccessOptions withLease(Duration lease) {
    return new AccessOptions(lease, tokens, clock);
  }

  /** The same, believing tokens. */
  public AccessOptions withTokens(@Nullable TokenOptions tokens) {
    return new AccessOptions(lease, tokens, clock);
  }

  /** The same with another clock. */
  public AccessOptions withClock(InstantSource clock) {
    return new AccessOptions(lease, tokens, clock);
  }
}
