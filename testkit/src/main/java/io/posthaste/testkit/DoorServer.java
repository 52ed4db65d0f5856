package io.posthaste.testkit;

import io.posthaste.core.Hub;
import java.io.IOException;

/** A server with the door under test. */
public interface DoorServer extends AutoCloseable {
  /** What is behind the door. */
  Hub hub();

  /**
   * Connects a client and has it ask; returns when a message published from now on will reach it.
   */
  DoorClient open(Want want) throws IOException;

  /**
   * Sends something malformed, by its name among {@link DoorContract#malformed}.
   *
   * @return what the door said, all of it
   */
  String send(String malformed) throws IOException;

  /** Goes down as an operator's server does, and returns when it is down. */
  void shutdown();

  /** Goes down if it has not, and frees everything. */
  @Override
  void close();
}
