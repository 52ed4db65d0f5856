package io.posthaste.door.apollo;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Set;

/**
 * How the door behaves.
 *
 * @param env what the open API calls this server: Apollo has one for each environment
 * @param hold how long a poll waits at most; it ends after 0.8 to 1.0 of that. Clients of Apollo
 *     themselves give up after 90 s
 * @param spread over how long the polls that wait for one config are told of a change
 * @param incremental the ids of applications that are sent what has changed in place of all; {@code
 *     *} for all applications. Clients before 2.4.0 do not know that
 */
public record ApolloOptions(String env, Duration hold, Duration spread, Set<String> incremental) {
  /** What suits most. */
  public static final ApolloOptions DEFAULT =
      new ApolloOptions("DEV", Duration.ofSeconds(60), Duration.ZERO, Set.of());

  public ApolloOptions {
    requireNonNull(env, "env");
    requireNonNull(hold, "hold");
    requireNonNull(spread, "spread");
    incremental = Set.copyOf(incremental);
  }

  boolean isIncremental(String appId) {
    return incremental.contains("*") || incremental.contains(appId);
  }
}
