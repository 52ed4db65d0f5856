package io.posthaste.bench;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes every figure of {@code docs/benchmarks.md}, ours and the peers' in turn. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Takes every figure of docs/benchmarks.md, with Posthaste and its peers in turn: a fresh",
      "server each time, pinned to the first core, the load on the second.",
      ""
    })
final class Comparison implements Callable<Integer> {
  private static final List<Technique> COMPARED =
      List.of(Technique.SSE, Technique.WEBSOCKET, Technique.LONG_POLL);
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Option(
      names = "--posthaste",
      paramLabel = "COMMAND",
      description = "Starts Posthaste; {port} and {dir} are filled in.")
  @Nullable String posthaste;

  @Option(names = "--nchan", paramLabel = "COMMAND", description = "Starts nginx with Nchan.")
  @Nullable String nchan;

  @Option(names = "--floor", paramLabel = "COMMAND", description = "Starts bench/peers/floor.c.")
  @Nullable String floor;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often each is measured (default: ${DEFAULT-VALUE}).")
  int rounds = 2;

  @Option(
      names = "--quick",
      description = "A tenth of the time and size, to see that all of it runs; no figures.")
  boolean quick;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Where the raw results are appended, a JSON object a line.")
  Path out = Path.of("");

  @Parameters(
      paramLabel = "STEP",
      description =
          "startup, idle, cpu, saturation, publish, pass, stalled, others, million; all if none.")
  List<String> chosen = new ArrayList<>();

  private interface Step {
    void take(Contestant contestant, int round) throws InterruptedException;
  }

  private final Map<String, Step> steps = new LinkedHashMap<>();
  private @Nullable Notebook notebook;

  Comparison() {
    steps.put("startup", this::startup);
    steps.put("idle", this::idle);
    steps.put("cpu", this::cpu);
    steps.put("saturation", this::saturation);
    steps.put("publish", this::publish);
    steps.put("pass", this::pass);
    steps.put("stalled", this::stalled);
    steps.put("others", this::others);
    steps.put("million", this::million);
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new Comparison()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    List<Contestant> contestants = new ArrayList<>();
    if (posthaste != null) {
      contestants.add(Contestant.posthaste(List.of(posthaste.split(" +"))));
    }
    if (nchan != null) {
      contestants.add(Contestant.nchan(List.of(nchan.split(" +"))));
    }
    if (floor != null) {
      contestants.add(Contestant.floor(List.of(floor.split(" +"))));
    }
    for (String name : chosen) {
      if (!steps.containsKey(name)) {
        System.err.println("compare: " + name + " (expected: one of " + steps.keySet() + ")");
        return 2;
      }
    }
    Cores.moveTo(Cores.server() < 0 ? -1 : 1);
    notebook = new Notebook(out, System.out);
    for (String name : chosen.isEmpty() ? List.copyOf(steps.keySet()) : chosen) {
      Step step = steps.get(name);
      System.out.println(name);
      for (int round = 1; step != null && round <= rounds; round++) {
        for (Contestant contestant : contestants) {
          try {
            step.take(contestant, round);
          } catch (LoadFailedException e) {
            notebook().failure(name, round, contestant, String.valueOf(e.getMessage()));
          }
        }
      }
    }
    notebook().summary();
    return 0;
  }

  /** Question: how soon does it serve, and what does it weigh then? */
  private void startup(Contestant contestant, int round) throws InterruptedException {
    try (ServerProcess server = contestant.start(Cores.server())) {
      double megabytes = new ProcessTree(server.pid()).memory().resident() / 1024.0;
      notebook().figure("startup: ready, ms", round, contestant, server.startup().toMillis());
      notebook().figure("startup: RSS when ready, MiB", round, contestant, megabytes);
    }
  }

  /** Question: what does a connection cost that only waits? Two sizes, so that the slope shows. */
  private void idle(Contestant contestant, int round) throws InterruptedException {
    for (Technique technique : common(contestant)) {
      long[] growth = new long[2];
      int[] sizes = {scaled(10_000), scaled(19_000)};
      for (int i = 0; i < sizes.length; i++) {
        try (ServerProcess server = contestant.start(Cores.server())) {
          // Some come and go first: what a server grows by at its first connections is no
          // connection's.
          Target target = contestant.target(server);
          LoadRun.run(target, load(technique, scaled(2_000), scaled(20), 10), 0);
          Load load = load(technique, sizes[i], 0, 1).idle(Duration.ofSeconds(scaled(10)));
          Result result = LoadRun.run(target, load, server.pid());
          notebook().run("idle", round, contestant, result);
          ServerUse use = java.util.Objects.requireNonNull(result.server());
          growth[i] = use.proportionalWaiting() - use.proportionalBefore();
          notebook()
              .figure(
                  "idle " + technique + ": bytes each of " + sizes[i],
                  round,
                  contestant,
                  result.bytesPerConnection());
        }
      }
      notebook()
          .figure(
              "idle " + technique + ": bytes each more",
              round,
              contestant,
              (growth[1] - growth[0]) * 1024.0 / (sizes[1] - sizes[0]));
    }
  }

  /** Question: what does a delivery cost, one topic with 1,000 readers, 100 messages a second? */
  private void cpu(Contestant contestant, int round) throws InterruptedException {
    for (Technique technique : common(contestant)) {
      try (ServerProcess server = contestant.start(Cores.server())) {
        Target target = contestant.target(server);
        LoadRun.run(target, load(technique, 1_000, scaled(3_000), 100), 0);
        Load load = load(technique, 1_000, scaled(1_000), 100);
        Result result = LoadRun.run(target, load, server.pid());
        notebook().run("cpu", round, contestant, result);
        String name = "1 x 1,000 " + technique + ": ";
        notebook()
            .figure(name + "CPU us a delivery", round, contestant, result.cpuMicrosPerDelivery());
        notebook().figure(name + "p50 ms", round, contestant, result.latency().p50() / 1e3);
        notebook().figure(name + "p99 ms", round, contestant, result.latency().p99() / 1e3);
        notebook().figure(name + "ack p50 ms", round, contestant, result.ack().p50() / 1e3);
      }
    }
  }

  /** Question: how many deliveries a second when more is offered than can be delivered? */
  private void saturation(Contestant contestant, int round) throws InterruptedException {
    for (Technique technique : common(contestant)) {
      try (ServerProcess server = contestant.start(Cores.server())) {
        Target target = contestant.target(server);
        LoadRun.run(target, load(technique, 1_000, scaled(1_000), 100), 0);
        // No more than Nchan keeps, so that nobody has to lose any.
        Load load = load(technique, 1_000, scaled(1_000), 1_000);
        Result result = LoadRun.run(target, load, server.pid());
        notebook().run("saturation", round, contestant, result);
        String name = "saturation " + technique + ": deliveries/s";
        notebook().figure(name, round, contestant, result.deliveriesPerSecond());
      }
    }
  }

  /** Question: 1,000 topics of 10 readers, which publish rate holds with p99 under 100 ms? */
  private void publish(Contestant contestant, int round) throws InterruptedException {
    try (ServerProcess server = contestant.start(Cores.server())) {
      Target target = contestant.target(server);
      Load load = load(Technique.SSE, scaled(10_000), 1, 1).overTopics(scaled(1_000));
      LoadRun.run(target, load.publishing(scaled(20_000), 2_000), 0);
      Sweep sweep = new Sweep(target, load, server.pid(), quick ? 1 : 5, 100);
      double best = sweep.highest(4_000, 1_000, quick ? 2 : 16);
      sweep.results().forEach(result -> notebook().run("publish", round, contestant, result));
      notebook().figure("1,000 x 10 sse: publishes/s, p99 < 100 ms", round, contestant, best);
    }
  }

  /** Question: how long is one pass to 10,000, and what do other topics notice of it? */
  private void pass(Contestant contestant, int round) throws InterruptedException {
    try (ServerProcess server = contestant.start(Cores.server())) {
      Target target = contestant.target(server);
      Load large = load(Technique.SSE, scaled(10_000), scaled(20), 1);
      Load others = load(Technique.SSE, 100, scaled(2_000), 100).overTopics(100);
      LoadRun.run(target, large.publishing(scaled(30), 3), 0);
      Result alone = LoadRun.run(target, large, server.pid());
      notebook().run("pass", round, contestant, alone);
      notebook().figure("pass to 10,000 sse: ms", round, contestant, alone.passMicros() / 1e3);
      notebook()
          .figure("pass to 10,000 sse: ack p50 ms", round, contestant, alone.ack().p50() / 1e3);
      Result meanwhile = together(target, large, others);
      notebook().run("pass, other topics", round, contestant, meanwhile);
      notebook()
          .figure(
              "pass to 10,000 sse: other topics' p99 ms",
              round,
              contestant,
              meanwhile.latency().p99() / 1e3);
    }
  }

  /** Runs both at once and gives what the second saw. Its own thread, so that it hears in time. */
  private static Result together(Target target, Load large, Load others)
      throws InterruptedException {
    ExecutorService beside = Executors.newSingleThreadExecutor();
    try {
      Future<Result> other = beside.submit(() -> LoadRun.run(target, large, 0));
      // The large one first needs to connect; the other lasts as long as its messages.
      Load later =
          others.timing(others.connectRate(), Duration.ofSeconds(6), others.drain(), LIMIT);
      Result seen = LoadRun.run(target, later, 0);
      other.get();
      return seen;
    } catch (ExecutionException e) {
      Throwable cause = requireNonNull(e.getCause());
      throw new LoadFailedException("the large topic's run: " + cause.getMessage());
    } finally {
      beside.shutdownNow();
    }
  }

  /** Question: half of 100 readers stop reading while 10 MB go to each; what do the others see? */
  private void stalled(Contestant contestant, int round) throws InterruptedException {
    for (Technique technique : List.of(Technique.SSE, Technique.WEBSOCKET)) {
      if (!contestant.techniques().contains(technique) || contestant.name().equals("floor")) {
        continue;
      }
      try (ServerProcess server = contestant.start(Cores.server())) {
        Target target = contestant.target(server);
        Load load = load(technique, 100, scaled(10_000), 500).size(1_000);
        LoadRun.run(target, load.publishing(scaled(2_000), 500), 0);
        Result result = LoadRun.run(target, load.stalled(50), server.pid());
        notebook().run("stalled", round, contestant, result);
        ServerUse use = java.util.Objects.requireNonNull(result.server());
        String name = "50 of 100 " + technique + " stalled: ";
        notebook().figure(name + "p99 ms", round, contestant, result.latency().p99() / 1e3);
        notebook()
            .figure(
                name + "memory grows MiB",
                round,
                contestant,
                (use.residentPeak() - use.residentWaiting()) / 1024.0);
      }
    }
  }

  /** Question: does a change on a topic with one reader cost more when 15,000 wait elsewhere? */
  private void others(Contestant contestant, int round) throws InterruptedException {
    for (int waiting : new int[] {1, scaled(15_000) + 1}) {
      try (ServerProcess server = contestant.start(Cores.server())) {
        Target target = contestant.target(server);
        Load load = load(Technique.SSE, waiting, scaled(10_000), 1_000).overTopics(waiting, 1);
        LoadRun.run(target, load, 0);
        Result result = LoadRun.run(target, load, server.pid());
        notebook().run("others", round, contestant, result);
        String name = "1 reader, " + (waiting - 1) + " on other topics: ";
        notebook().figure(name + "CPU us", round, contestant, result.cpuMicrosPerDelivery());
        notebook().figure(name + "p99 ms", round, contestant, result.latency().p99() / 1e3);
      }
    }
  }

  /** Question: 1,000,000 readers as subscriptions over 100 WebSockets. */
  private void million(Contestant contestant, int round) throws InterruptedException {
    if (!contestant.name().equals("posthaste")) {
      return;
    }
    try (ServerProcess server = contestant.start(Cores.server())) {
      Target target = Target.posthasteSubscriptions("127.0.0.1", server.port());
      int each = scaled(10_000);
      Load load = load(Technique.WEBSOCKET, 100, each, 1_000).subscriptions(each, each);
      Result result = LoadRun.run(target, load, server.pid());
      notebook().run("million", round, contestant, result);
      notebook()
          .figure(
              "1,000,000 readers: bytes each",
              round,
              contestant,
              result.bytesPerConnection() / each);
      notebook()
          .figure("1,000,000 readers: a change on each, s", round, contestant, result.seconds());
    }
  }

  private static Load load(Technique technique, int connections, int messages, double rate) {
    return Load.fanOut(technique, connections, messages, rate)
        .timing(3_000, Duration.ofSeconds(1), Duration.ofSeconds(10), LIMIT);
  }

  private static List<Technique> common(Contestant contestant) {
    return COMPARED.stream().filter(contestant.techniques()::contains).toList();
  }

  private int scaled(int full) {
    return quick ? Math.max(1, full / 10) : full;
  }

  private Notebook notebook() {
    return java.util.Objects.requireNonNull(notebook);
  }
}
