package io.posthaste.testkit;

import java.io.IOException;
import java.time.Duration;

/**
 * A client of a door, as thin as can be: it reads from its socket only while {@link #next} runs, so
 * a test that does not call it is a reader that has stopped. To be used by one thread.
 */
public interface DoorClient extends AutoCloseable {
  /**
   * What comes next, waited for; a poll asks until there is something.
   *
   * @throws AssertionError if nothing comes within the limit
   */
  Seen next(Duration limit) throws IOException;

  /** Breaks the connection off, without a goodbye. Harmless when it is broken. */
  @Override
  void close();
}
