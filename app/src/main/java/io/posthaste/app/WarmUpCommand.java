package io.posthaste.app;

import picocli.CommandLine.Command;

/**
 * Loads what every command needs, so that the launcher can archive it for quicker starts. Not for
 * people.
 */
@Command(name = "warm-up", hidden = true, description = "Loads classes, for the launcher.")
final class WarmUpCommand implements Runnable {
  @Override
  public void run() {
    VersionCommand.version();
  }
}
