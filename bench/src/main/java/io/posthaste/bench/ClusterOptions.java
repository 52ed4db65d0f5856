package io.posthaste.bench;

import java.util.List;
import picocli.CommandLine.Option;

/** What of a cluster is measured, and how much of it. */
final class ClusterOptions {
  /** What can be measured. */
  enum Step {
    DELIVERIES,
    LATENCY,
    BYSTANDER,
    APPENDS,
    STORM
  }

  @Option(
      names = "--steps",
      split = ",",
      paramLabel = "STEP",
      description =
          "Which of deliveries, latency, bystander, appends, storm; all unless some are named.")
  List<Step> steps = List.of(Step.values());

  @Option(
      names = {"-c", "--connections"},
      paramLabel = "N",
      defaultValue = "1000",
      description = "Readers of the first steps (default: ${DEFAULT-VALUE}).")
  int connections = 1_000;

  @Option(
      names = "--storm",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Readers whose server dies (default: ${DEFAULT-VALUE}).")
  int storm = 10_000;

  @Option(
      names = "--storm-topics",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Topics that these read, one each (default: ${DEFAULT-VALUE}).")
  int stormTopics = 1_000;

  @Option(
      names = "--back-within",
      paramLabel = "MS",
      defaultValue = "1000",
      description = "Over how long they come back (default: ${DEFAULT-VALUE}).")
  int backWithinMillis = 1_000;

  @Option(
      names = "--messages",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Messages of the step appends (default: ${DEFAULT-VALUE}).")
  int messages = 20_000;
}
