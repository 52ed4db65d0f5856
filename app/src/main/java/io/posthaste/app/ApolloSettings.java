package io.posthaste.app;

import io.posthaste.door.apollo.ApolloOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Where and how Apollo clients are served.
 *
 * @param place where; empty for nowhere
 * @param env as {@link ApolloOptions#env}
 * @param hold as {@link ApolloOptions#hold}
 * @param spread as {@link ApolloOptions#spread}
 * @param incremental as {@link ApolloOptions#incremental}
 */
record ApolloSettings(
    Optional<HostPort> place, String env, Duration hold, Duration spread, Set<String> incremental) {
  private static final Duration MOST_HOLD = Duration.ofSeconds(90);
  private static final Duration MOST_SPREAD = Duration.ofSeconds(60);

  ApolloOptions options() {
    return new ApolloOptions(env, hold, spread, incremental);
  }

  static String env(String text) {
    if (!text.matches("[A-Za-z0-9_-]{1,32}")) {
      throw new IllegalArgumentException("a name such as DEV or PRO");
    }
    return text;
  }

  static Duration hold(Duration time) {
    if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(MOST_HOLD) > 0) {
      throw new IllegalArgumentException("1s to 90s, after which clients give up");
    }
    return time;
  }

  static Duration spread(Duration time) {
    if (time.compareTo(MOST_SPREAD) > 0) {
      throw new IllegalArgumentException("60s at most");
    }
    return time;
  }
}
