package io.posthaste.bench;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** The options of {@code bench ladder}, and what it does with them. */
final class LadderOptions {
  private static final int MOST_READERS = 200;

  /** Slow enough for the slowest: each reader is back before the next message comes. */
  private static final double RATE = 5;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Option(
      names = "--waiters",
      paramLabel = "N",
      description = "Clients that are held at once (default: ${DEFAULT-VALUE}).")
  int waiters = 3_000;

  @Option(
      names = "--messages",
      paramLabel = "N",
      description = "Sent to the one client that asks again at once (default: ${DEFAULT-VALUE}).")
  int messages = 3_000;

  @Option(
      names = "--broken",
      paramLabel = "N",
      description = "Polls that are broken (default: ${DEFAULT-VALUE}).")
  int broken = 5;

  @Option(
      names = "--deliveries",
      paramLabel = "N",
      description =
          "Messages, 5 a second, to each of up to 200 clients (default: ${DEFAULT-VALUE}).")
  int deliveries = 30;

  @Option(
      names = "--rung",
      paramLabel = "NAME",
      description = "Only this one; may be repeated. Its name is that of the table.")
  List<String> only = new ArrayList<>();

  @Option(
      names = "--quick",
      description = "A tenth of each, to see that it runs; its figures mean little.")
  boolean quick;

  @Option(names = "--json", description = "Print the results as lines of JSON only.")
  boolean json;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = {
        "Messages before that, 50 a second to 100 clients (default: ${DEFAULT-VALUE}).",
        "A JVM that is so young still compiles, which counts as CPU: 6000, two minutes a rung, for"
            + " figures of one that has run for a while."
      })
  int warmup = 400;

  /** How long clients are left alone once they wait. */
  Duration settle = Duration.ofSeconds(1);

  /**
   * Climbs all rungs in turn.
   *
   * @param seen is told of each when it is measured
   * @param err is told which one is next
   */
  List<RungResult> climb(
      List<String> posthaste, List<String> tutorials, Consumer<RungResult> seen, PrintStream err)
      throws InterruptedException {
    Cores.moveTo(Cores.server() < 0 ? -1 : Cores.server() + 1);
    List<Rung> rungs = chosen(Rung.all(posthaste, tutorials, scaled(waiters)));
    List<RungResult> results = new ArrayList<>();
    for (Rung rung : rungs) {
      err.printf("%d of %d: %s: %s%n", results.size() + 1, rungs.size(), rung.name(), rung.how());
      RungResult result = measure(rung);
      seen.accept(result);
      results.add(result);
    }
    return results;
  }

  private List<Rung> chosen(List<Rung> all) {
    List<String> names = all.stream().map(Rung::name).toList();
    for (String name : only) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException("--rung: " + name + " (expected: one of " + names + ")");
      }
    }
    return all.stream().filter(rung -> only.isEmpty() || only.contains(rung.name())).toList();
  }

  private RungResult measure(Rung rung) throws InterruptedException {
    int many = scaled(waiters);
    int few = Math.max(1, many / 3);
    ServerUse use = waiting(rung, few, many);
    double bytes = (use.proportionalWaiting() - use.proportionalBefore()) * 1024.0 / (many - few);

    // A fresh one: most of these servers notice only after a while that the others have gone.
    try (ServerProcess server = ServerProcess.start(rung.command(), Cores.server(), "/readyz")) {
      Target target = rung.target().apply(server.port());
      int readers = Math.min(many, MOST_READERS);
      LoadRun.run(target, load(rung, Math.min(readers, 100), scaled(warmup), 50), 0);
      Result delivery =
          LoadRun.run(target, load(rung, readers, scaled(deliveries), RATE), server.pid());

      // One publisher that sends the next as soon as the last is acknowledged.
      Load fullSpeed = load(rung, 1, scaled(messages), 1e6).publishers(1, 1);
      Result between = LoadRun.run(target, fullSpeed, server.pid());

      int lost = 0;
      int breaks = scaled(broken);
      for (int i = 0; i < breaks; i++) {
        lost += BrokenPoll.isHeard(target, rung.technique(), "broken" + i) ? 0 : 1;
      }
      return new RungResult(rung, few, many, use.threads(), bytes, delivery, between, breaks, lost);
    }
  }

  /** Holds some clients, then more beside them: what the server uses before and with the others. */
  private ServerUse waiting(Rung rung, int few, int many) throws InterruptedException {
    try (ServerProcess server = ServerProcess.start(rung.command(), Cores.server(), "/readyz")) {
      Target target = rung.target().apply(server.port());
      try (LoadRun.Held first = LoadRun.hold(target, load(rung, few, 0, 1))) {
        Result result = LoadRun.run(target, load(rung, many - few, 0, 1), server.pid());
        return Objects.requireNonNull(result.server());
      }
    }
  }

  private Load load(Rung rung, int clients, int messages, double rate) {
    return Load.fanOut(rung.technique(), clients, messages, rate)
        .timing(1_500, settle, Duration.ofSeconds(2), LIMIT.plusSeconds((long) (messages / rate)));
  }

  private int scaled(int full) {
    return quick ? Math.max(3, full / 10) : Math.max(3, full);
  }

  /** Prints a line a rung. */
  static void print(PrintStream out, List<RungResult> results) {
    int many = results.get(0).many();
    String head = "%-22s %9s %9s %11s %11s %11s  %-18s %-14s%n";
    out.printf(
        head, "", "threads", "memory", "CPU a", "to all", "p99", "lost between", "lost while");
    out.printf(head, "", "of " + many, "a waiter", "delivery", "readers", "", "two polls", "away");
    for (RungResult result : results) {
      out.printf(
          Locale.ROOT,
          "%-22s %9d %6.1f KB %8.1f us %8.1f ms %8.1f ms  %-18s %-14s%n",
          result.rung().name(),
          result.threads(),
          result.bytesPerWaiter() / 1024,
          result.delivery().cpuMicrosPerDelivery(),
          result.delivery().passMicros() / 1e3,
          result.delivery().latency().p99() / 1e3,
          result.between().lost() + " of " + result.between().acknowledged(),
          result.brokenLost() + " of " + result.broken());
    }
  }
}
