package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a gray version comes to more and more instances, and in the end to all.
 *
 * @param stages the shares that it goes through, in hundredths of a percent, rising; at {@link
 *     GrayRule#ALL} it is promoted. Empty if it stays as it is until somebody changes it
 * @param every how long each stage lasts; zero if somebody steps by hand
 * @param base the version of the config over which it was made, and may be promoted; null if there
 *     was none
 * @param state whether it goes on
 * @param reason why it does not; empty if it does
 */
public record Rollout(
    List<Integer> stages, Duration every, @Nullable Id base, State state, String reason) {
  /** The most stages. */
  public static final int MAX_STAGES = 100;

  private static final Duration MAX_EVERY = Duration.ofDays(365);

  /** Whether it goes on. */
  public enum State {
    /** It does. */
    ACTIVE,
    /** Not by itself, until somebody has looked: who steps or resumes. */
    HELD,
    /** It is becoming the version for all; nobody can abort it any more. */
    PROMOTING
  }

  /**
   * @throws MalformedException if the stages are too many or do not rise, or a stage is to last
   *     less than a second or longer than a year
   */
  public Rollout {
    stages = List.copyOf(stages);
    requireNonNull(state, "state");
    requireNonNull(reason, "reason");
    int last = 0;
    for (int stage : stages) {
      if (stage <= last || stage > GrayRule.ALL) {
        throw new MalformedException(
            "stages: " + stages + " (expected: rising shares of at most " + GrayRule.ALL + ")");
      }
      last = stage;
    }
    if (stages.size() > MAX_STAGES) {
      throw new MalformedException(
          "stages: " + stages.size() + " (expected: at most " + MAX_STAGES + ")");
    }
    if (!every.isZero()
        && (every.compareTo(Duration.ofSeconds(1)) < 0 || every.compareTo(MAX_EVERY) > 0)) {
      throw new MalformedException("every: " + every + " (expected: 1 second to 365 days)");
    }
  }

  /** Through these stages, each so long. */
  public static Rollout through(List<Integer> stages, Duration every, @Nullable Id base) {
    return new Rollout(stages, every, base, State.ACTIVE, "");
  }

  /** Without stages. */
  public static Rollout none(@Nullable Id base) {
    return through(List.of(), Duration.ZERO, base);
  }

  /** The same in another state. */
  Rollout in(State state, String reason) {
    return new Rollout(stages, every, base, state, reason);
  }

  /** The share that follows a share; 0 if there is no further stage. */
  public int after(int share) {
    return stages.stream().filter(stage -> stage > share).findFirst().orElse(0);
  }

  /** Whether the server takes the steps. */
  boolean isByTimer() {
    return !every.isZero() && !stages.isEmpty();
  }
}
