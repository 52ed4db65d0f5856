package io.posthaste.bench;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What of a config centre is measured, and how much of it. */
final class ConfigOptions {
  /** What can be measured. */
  enum Step {
    HINT,
    PARKED,
    APOLLO,
    LISTED,
    PUBLISHES,
    MANY
  }

  @Option(
      names = "--steps",
      split = ",",
      paramLabel = "STEP",
      description =
          "Which of hint, parked, apollo, listed, publishes, many; all unless some are named.")
  List<Step> steps = List.of(Step.values());

  @Option(
      names = {"-c", "--connections"},
      paramLabel = "N",
      defaultValue = "10000",
      description = "Polls that are parked on one config (default: ${DEFAULT-VALUE}).")
  int connections = 10_000;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long is published in each of the last two (default: ${DEFAULT-VALUE}).")
  int seconds = 10;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "A running server on loopback that speaks Nacos' HTTP API, as http://127.0.0.1:8848. Without"
              + " it one is started for each step, and stopped at its end.")
  @Nullable URI url;

  @Option(
      names = "--pid",
      paramLabel = "PID",
      description = "The running server's process: its CPU and memory are read.")
  long pid;
}
