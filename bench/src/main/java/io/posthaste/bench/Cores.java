package io.posthaste.bench;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Keeps the server and the tool out of each other's way where there are two cores or more. */
final class Cores {
  private Cores() {}

  /** The core for a server that the tool starts; -1 if there is no choice. */
  static int server() {
    return Runtime.getRuntime().availableProcessors() > 1 ? 0 : -1;
  }

  /** Moves all threads of this process to a core; without {@code taskset} it stays where it is. */
  static void moveTo(int cpu) throws InterruptedException {
    if (cpu < 0) {
      return;
    }
    String pid = Long.toString(ProcessHandle.current().pid());
    try {
      new ProcessBuilder("taskset", "-a", "-c", "-p", Integer.toString(cpu), pid)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(10, TimeUnit.SECONDS);
    } catch (IOException e) {
      System.err.println("not pinned to core " + cpu + ": " + e.getMessage());
    }
  }
}
