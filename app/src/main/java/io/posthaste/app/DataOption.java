package io.posthaste.app;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which data directory a command is about. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "${env:POSTHASTE_DATA:-posthaste-data}",
      description = "The server's data directory (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of("posthaste-data");

  Path path() {
    return data.toAbsolutePath().normalize();
  }
}
