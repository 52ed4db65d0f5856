package io.posthaste.testkit;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Log;
import io.posthaste.core.Policies;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The duties of every {@link Log}. An engine joins with a subclass that opens it, and is done when
 * that is green; a durable one extends {@link DurableLogContract} instead. Nothing here assumes
 * that stages are complete on return, that there is one partition, or that a commit is heard before
 * its append is answered.
 */
public abstract class LogContract
    implements LogAppends,
        LogConditions,
        LogKeys,
        LogReads,
        LogRetention,
        LogListing,
        LogFollowing,
        LogTopics,
        LogModel,
        LogNodes,
        LogClosing {
  private final TestClock clock = new TestClock(Instant.parse("2026-11-22T10:00:00Z"));
  private @Nullable Log log;

  /** Opens an empty log. The suite closes it. */
  protected abstract Log open(Policies policies, InstantSource clock) throws Exception;

  /** Whether the log takes its time from the clock that it is given; else tests wait for age. */
  @Override
  public boolean keepsToClock() {
    return true;
  }

  @BeforeEach
  final void openLog() throws Exception {
    log = open(POLICIES, clock);
  }

  @AfterEach
  final void closeLog() {
    log().close();
  }

  final void replace(Log log) {
    this.log = log;
  }

  @Override
  public final Log log() {
    return requireNonNull(log);
  }

  @Override
  public final TestClock clock() {
    return clock;
  }
}
