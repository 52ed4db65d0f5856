package io.posthaste.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The options of {@code bench engine}, and what it does with them. */
final class EngineOptions {
  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "On the disk to be measured (default: the current directory).")
  Path where = Path.of("");

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long each is measured (default: ${DEFAULT-VALUE}).")
  double seconds = 4;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often, in turn (default: ${DEFAULT-VALUE}).")
  int rounds = 2;

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "Publishes under way at a time (default: ${DEFAULT-VALUE}).")
  int window = 512;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      description = "Bytes of a payload (default: ${DEFAULT-VALUE}).")
  int size = 100;

  /** Measures each in turn and prints a line for each. */
  int compare(PrintStream out) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(where.toAbsolutePath(), "bench-engine-");
    try {
      EngineRun run =
          new EngineRun(directory, Duration.ofMillis((long) (seconds * 1_000)), window, size);
      List<Double> ratios = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        EngineRun.Rate hub = run.hub(round);
        line(out, round, "hub on the embedded log", hub);
        line(out, round, "embedded log", run.embedded(round));
        int group = (int) Math.max(1, Math.round(hub.group()));
        EngineRun.Rate alike = run.raw(round, group);
        line(out, round, "bare RocksDB, batches as the log's", alike);
        int half = Math.max(1, window / 2);
        line(out, round, "bare RocksDB, batches of half the window", run.raw(round, half));
        line(out, round, "log in memory", run.memory());
        ratios.add(hub.perSecond() / alike.perSecond());
      }
      ratios.forEach(
          ratio ->
              out.printf(Locale.ROOT, "hub / bare RocksDB, batches as the log's: %.2f%n", ratio));
      return 0;
    } finally {
      delete(directory);
    }
  }

  private static void line(PrintStream out, int round, String what, EngineRun.Rate rate) {
    String group =
        Double.isNaN(rate.group()) ? "-" : String.format(Locale.ROOT, "%.0f", rate.group());
    out.printf(
        Locale.ROOT,
        "round %d  %-42s %10.0f messages/s, %6s a sync%n",
        round,
        what,
        rate.perSecond(),
        group);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
