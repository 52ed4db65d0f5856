package io.posthaste.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Keeps what a comparison measured: every run as a line of JSON in a file, and the medians. */
final class Notebook {
  private final Path file;
  private final PrintStream out;
  private final Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();

  Notebook(Path file, PrintStream out) {
    this.file = file;
    this.out = out;
  }

  /** Notes a run as it was. */
  void run(String step, int round, Contestant contestant, Result result) {
    write(step, round, contestant.name(), result.json());
    out.printf(
        "  %-10s %-10s %s%n",
        contestant.name(), result.load().technique(), ResultTable.verdict(result));
  }

  /** Notes one figure of a round. */
  void figure(String name, int round, Contestant contestant, double value) {
    write(name, round, contestant.name(), new JsonLine().with("value", value).toString());
    figures
        .computeIfAbsent(name, n -> new LinkedHashMap<>())
        .computeIfAbsent(contestant.name(), n -> new ArrayList<>())
        .add(value);
    out.printf(Locale.ROOT, "  %-10s %-44s %12.2f%n", contestant.name(), name, value);
  }

  /** Notes what could not be measured. */
  void failure(String step, int round, Contestant contestant, String why) {
    write(step, round, contestant.name(), new JsonLine().with("failed", why).toString());
    out.printf("  %-10s %s failed: %s%n", contestant.name(), step, why);
  }

  /** Prints the medians over rounds, and ratios to the peers of the same rounds. */
  void summary() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%n%-46s %11s %11s %11s %8s %8s%n",
            "median over rounds", "posthaste", "nchan", "floor", "/nchan", "/floor"));
    figures.forEach(
        (name, of) -> {
          double ours = median(of.get("posthaste"));
          double nchan = median(of.get("nchan"));
          double floor = median(of.get("floor"));
          text.append(
              String.format(
                  "%-46s %11s %11s %11s %8s %8s%n",
                  name,
                  text(ours),
                  text(nchan),
                  text(floor),
                  text(ours / nchan),
                  text(ours / floor)));
        });
    out.print(text);
    append(file.resolveSibling(file.getFileName() + ".txt"), text.toString());
  }

  private void write(String step, int round, String contestant, String json) {
    String head =
        new JsonLine()
            .with("step", step)
            .with("round", round)
            .with("contestant", contestant)
            .toString();
    append(file, head.substring(0, head.length() - 1) + ",\"seen\":" + json + "}\n");
  }

  private static void append(Path file, String text) {
    try {
      Files.writeString(
          file, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double median(@org.jspecify.annotations.Nullable List<Double> values) {
    if (values == null || values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  private static String text(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "-";
  }
}
