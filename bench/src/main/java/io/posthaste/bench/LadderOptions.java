package io.posthaste.bench;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options of {@code bench ladder}, and what it does with them. */
final class LadderOptions {
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
  int messages = 10_000;

  @Option(
      names = "--broken",
      paramLabel = "N",
      description = "Polls that are broken (default: ${DEFAULT-VALUE}).")
  int broken = 20;

  @Option(
      names = "--deliveries",
      paramLabel = "N",
      description =
          "Messages, 10 a second, to each of up to 1,000 clients (default: ${DEFAULT-VALUE}).")
  int deliveries = 80;

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

  /** How long clients are left alone once they wait. */
  Duration settle = Duration.ofSeconds(1);

  /** Climbs all rungs in turn, telling on {@code err} how far it is. */
  List<RungResult> climb(List<String> posthaste, List<String> tutorials, PrintStream err)
      throws InterruptedException {
    Cores.moveTo(Cores.server() < 0 ? -1 : Cores.server() + 1);
    List<Rung> rungs = chosen(Rung.all(posthaste, tutorials, scaled(waiters)));
    List<RungResult> results = new ArrayList<>();
    for (Rung rung : rungs) {
      err.printf("%d of %d: %s: %s%n", results.size() + 1, rungs.size(), rung.name(), rung.how());
      results.add(measure(rung));
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
    try (ServerProcess server = ServerProcess.start(rung.command(), Cores.server(), "/readyz")) {
      Target target = rung.target().apply(server.port());
      int many = scaled(waiters);
      int few = Math.max(1, many / 3);
      // What a server grows by at its first connections is no waiter's.
      LoadRun.run(target, load(rung, Math.min(few, 200), scaled(deliveries / 4), 10), 0);
      ServerUse fewHeld = held(rung, target, few, server.pid());
      ServerUse manyHeld = held(rung, target, many, server.pid());
      double bytes =
          (manyHeld.proportionalWaiting() - fewHeld.proportionalWaiting()) * 1024.0 / (many - few);

      int readers = Math.min(many, 1_000);
      LoadRun.run(target, load(rung, readers, scaled(deliveries / 2), 10), 0);
      Result delivery =
          LoadRun.run(target, load(rung, readers, scaled(deliveries), 10), server.pid());

      // One publisher that sends the next as soon as the last is acknowledged.
      Load fullSpeed = load(rung, 1, scaled(messages), 1e6).publishers(1, 1);
      Result between = LoadRun.run(target, fullSpeed, server.pid());

      int lost = 0;
      int breaks = scaled(broken);
      for (int i = 0; i < breaks; i++) {
        lost += BrokenPoll.isHeard(target, rung.technique(), "broken" + i) ? 0 : 1;
      }
      return new RungResult(
          rung, few, many, manyHeld.threads(), bytes, delivery, between, breaks, lost);
    }
  }

  private ServerUse held(Rung rung, Target target, int clients, long pid)
      throws InterruptedException {
    Result result = LoadRun.run(target, load(rung, clients, 0, 1), pid);
    return java.util.Objects.requireNonNull(result.server());
  }

  private Load load(Rung rung, int clients, int messages, double rate) {
    return Load.fanOut(rung.technique(), clients, messages, rate)
        .timing(1_500, settle, Duration.ofSeconds(2), LIMIT);
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
