package io.posthaste.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./posthaste bench}: loads a server and accounts for every delivery. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Loads a server on this machine and accounts for every delivery.",
      "",
      "Without a subcommand: a quick look of about half a minute. A server is started on a core of"
          + " its own, and 1,000 readers of one topic hear 100 messages a second by each technique.",
      ""
    },
    footer = {
      "",
      "Latency counts from the moment a message was due, not from when it could be sent; ack is"
          + " the publisher's answer; us/deliv the server's CPU time per delivery; B/conn the growth"
          + " of the server's memory per connection held (a fresh server also loads code then).",
      "Exit status 1 if anything was lost, came twice or out of order. Only loopback addresses are"
          + " accepted. What the figures mean and how they were taken: docs/benchmarks.md."
    })
public final class BenchCommand implements Callable<Integer> {
  private final Supplier<List<String>> serverCommand;
  private final Supplier<List<String>> tutorialCommand;
  private final PrintStream out;
  private final PrintStream err;

  /** Without a server of its own: each subcommand then needs {@code --url} or {@code --start}. */
  public BenchCommand() {
    this(List::of, List::of);
  }

  /**
   * A command that can start its own server.
   *
   * @param serverCommand how to start one, asked when one is needed; {@code {port}} and {@code
   *     {dir}} are filled in. See {@link OwnProgram}
   * @param tutorialCommand the same for the servers of {@code bench/ladder}; {@code {name}} is
   *     filled in too. Empty if they are not built
   */
  public BenchCommand(
      Supplier<List<String>> serverCommand, Supplier<List<String>> tutorialCommand) {
    this(serverCommand, tutorialCommand, System.out, System.err);
  }

  BenchCommand(
      Supplier<List<String>> serverCommand,
      Supplier<List<String>> tutorialCommand,
      PrintStream out,
      PrintStream err) {
    this.serverCommand = serverCommand;
    this.tutorialCommand = tutorialCommand;
    this.out = out;
    this.err = err;
  }

  /** Runs the tool alone, without Posthaste's other commands. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new BenchCommand()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    return on(new TargetOptions(), this::quick);
  }

  private int quick(Bed bed) throws InterruptedException {
    List<Result> results = new ArrayList<>();
    for (Technique technique : List.of(Technique.SSE, Technique.WEBSOCKET, Technique.LONG_POLL)) {
      Target target = bed.target(technique, false);
      Load load = Load.fanOut(technique, 1_000, 300, 100);
      LoadRun.run(target, load, 0);
      results.add(LoadRun.run(target, load, bed.pid()));
    }
    ResultTable.print(out, results);
    return status(results);
  }

  @Command(
      name = "fanout",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Readers of some topics, messages at an even pace: latency and CPU a delivery.")
  int fanout(
      @Mixin TargetOptions target,
      @Mixin LoadOptions load,
      @Option(names = "--json", description = "Print the result as one line of JSON only.")
          boolean json)
      throws InterruptedException {
    return on(
        target,
        bed -> {
          return report(List.of(one(bed, load, load.load())), json);
        });
  }

  @Command(
      name = "idle",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Connections that only wait: memory of each.",
        "A JVM's garbage is collected before each reading. Take 10,000 connections or more, so"
            + " that what the server needs once does not count for much."
      })
  int idle(
      @Mixin TargetOptions target,
      @Mixin LoadOptions load,
      @Option(
              names = "--for",
              paramLabel = "SECONDS",
              defaultValue = "10",
              description = "How long they are held (default: ${DEFAULT-VALUE}).")
          int seconds,
      @Option(names = "--json", description = "Print the result as one line of JSON only.")
          boolean json)
      throws InterruptedException {
    return on(
        target,
        bed -> {
          Load held = load.load().publishing(0, 1).idle(Duration.ofSeconds(seconds));
          Result result =
              LoadRun.run(bed.target(held.technique(), held.subscriptions() > 1), held, bed.pid());
          return report(List.of(result), json);
        });
  }

  @Command(
      name = "saturate",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "More than the server can deliver: how many deliveries a second it comes to.",
        "Publishes at once what readers will take seconds to get; latency is then the length of"
            + " the queue and says nothing."
      })
  int saturate(
      @Mixin TargetOptions target,
      @Mixin LoadOptions load,
      @Option(names = "--json", description = "Print the result as one line of JSON only.")
          boolean json)
      throws InterruptedException {
    return on(
        target,
        bed -> {
          int messages = load.messages > 0 ? load.messages : 1_000;
          load.rate = Math.max(load.rate, 1_000);
          return report(List.of(one(bed, load, load.load().publishing(messages, load.rate))), json);
        });
  }

  @Command(
      name = "publish",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "The highest publish rate that all readers keep up with.",
        "Raises --rate by --step until something is lost or the p99 passes --p99; the last rate"
            + " that held is the answer. Usual: --topics 1000 --connections 10000."
      })
  int publish(
      @Mixin TargetOptions target,
      @Mixin LoadOptions load,
      @Option(
              names = "--step",
              paramLabel = "N",
              defaultValue = "1000",
              description = "How much faster each time (default: ${DEFAULT-VALUE}).")
          double step,
      @Option(
              names = "--steps",
              paramLabel = "N",
              defaultValue = "20",
              description = "How many rates at most (default: ${DEFAULT-VALUE}).")
          int steps,
      @Option(
              names = "--seconds",
              paramLabel = "N",
              defaultValue = "5",
              description = "How long each (default: ${DEFAULT-VALUE}).")
          int seconds,
      @Option(
              names = "--p99",
              paramLabel = "MS",
              defaultValue = "100",
              description = "The latency that must hold (default: ${DEFAULT-VALUE}).")
          double p99Millis,
      @Option(names = "--json", description = "Print the results as lines of JSON only.")
          boolean json)
      throws InterruptedException {
    return on(
        target,
        bed -> {
          Load first = load.load();
          Target wire = bed.target(first.technique(), first.subscriptions() > 1);
          warmUp(bed, load, wire);
          Sweep sweep = new Sweep(wire, first, bed.pid(), seconds, p99Millis);
          double best = sweep.highest(load.rate, step, steps);
          report(sweep.results(), json);
          if (!json) {
            out.printf("highest rate that held: %.0f messages/s%n", best);
          }
          return best > 0 ? 0 : 1;
        });
  }

  @Command(
      name = "cluster",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "One, two and three servers with one log in NATS: what a cluster costs and survives.",
        "Starts a nats-server and the servers, all of them on one core, and loads them from another: on"
            + " two cores this shows what sharing costs, not what more machines gain. Some six minutes;"
            + " needs nats-server. What the figures say: docs/scale.md."
      })
  int cluster(@Mixin ClusterOptions options) throws InterruptedException {
    try {
      return new ClusterRun(serverCommand.get(), options, out).run();
    } catch (LoadFailedException | IllegalArgumentException e) {
      err.println("bench: " + e.getMessage());
      return 2;
    }
  }

  @Command(
      name = "config",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Configs over Nacos' HTTP API: how soon who waits is told, and what waiting costs.",
        "hint: one poll. parked: many polls of one config. apollo: as many of Apollo's. listed: a config more in a poll's list."
            + " publishes: how many a second. many: a change beside others who wait. Some six minutes;"
            + " --url measures another server that speaks the same."
      })
  int config(@Mixin ConfigOptions options) throws InterruptedException {
    try {
      new ConfigRun(serverCommand.get(), options, out).run();
      return 0;
    } catch (LoadFailedException | IllegalArgumentException e) {
      err.println("bench: " + e.getMessage());
      return 2;
    }
  }

  @Command(
      name = "engine",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Durable publishes in process, against bare RocksDB in the same run.",
        "Both sync each batch and put twice for each message. Bare RocksDB is given ready batches,"
            + " of the size that the log came to and of half the window; the log gets single messages and"
            + " makes its batches itself."
      })
  int engine(@Mixin EngineOptions options) throws IOException, InterruptedException {
    return options.compare(out);
  }

  @Command(
      name = "ladder",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "The same job as tutorials teach it, on Spring Boot and Tomcat, and as Posthaste does it.",
        "What each costs while clients wait and for a delivery; how many messages a client loses"
            + " between two polls, and while its connection is broken. Some five minutes. What the"
            + " servers are and what the figures say: docs/why.md."
      })
  int ladder(@Mixin LadderOptions options) throws InterruptedException {
    List<String> posthaste = serverCommand.get();
    List<String> tutorials = tutorialCommand.get();
    try {
      if (posthaste.isEmpty() || tutorials.isEmpty()) {
        throw new LoadFailedException(
            "the servers to compare are not built (expected: to be run as ./posthaste bench ladder)");
      }
      List<RungResult> results =
          options.climb(
              posthaste,
              tutorials,
              result -> {
                if (options.json) {
                  out.println(result.json());
                }
              },
              err);
      if (!options.json) {
        out.println();
        LadderOptions.print(out, results);
      }
      return 0;
    } catch (LoadFailedException | IllegalArgumentException e) {
      err.println("bench: " + e.getMessage());
      return 2;
    }
  }

  private Result one(Bed bed, LoadOptions options, Load load) throws InterruptedException {
    Target target = bed.target(load.technique(), load.subscriptions() > 1);
    warmUp(bed, options, target);
    return LoadRun.run(target, load, bed.pid());
  }

  private static void warmUp(Bed bed, LoadOptions options, Target target)
      throws InterruptedException {
    Load warmup = options.warmup();
    if (warmup != null) {
      LoadRun.run(target, warmup, 0);
    }
  }

  private int report(List<Result> results, boolean json) {
    if (!json) {
      ResultTable.print(out, results);
      out.println();
    }
    results.forEach(result -> out.println(result.json()));
    return status(results);
  }

  private static int status(List<Result> results) {
    return results.stream().allMatch(Result::isFlawless) ? 0 : 1;
  }

  /** Work on a server; what makes it impossible is told in a line. */
  private interface Work {
    int on(Bed bed) throws InterruptedException;
  }

  private int on(TargetOptions options, Work work) throws InterruptedException {
    try (Bed bed = bed(options, Cores.server())) {
      return work.on(bed);
    } catch (LoadFailedException | IllegalArgumentException e) {
      err.println("bench: " + e.getMessage());
      return 2;
    }
  }

  private Bed bed(TargetOptions options, int serverCpu) throws InterruptedException {
    if (options.url != null) {
      return new Bed(options, options.url.getHost(), options.url.getPort(), options.pid, null);
    }
    List<String> command =
        options.start == null ? serverCommand.get() : List.of(options.start.split(" +"));
    if (command.isEmpty()) {
      throw new LoadFailedException("no server: give --url of one that runs, or --start");
    }
    ServerProcess server = ServerProcess.start(command, serverCpu, options.readyPath);
    if (serverCpu >= 0) {
      Cores.moveTo(serverCpu + 1);
    }
    return new Bed(options, "127.0.0.1", server.port(), server.pid(), server);
  }

  /** The server under load, whoever started it. */
  private record Bed(
      TargetOptions options, String host, int port, long pid, @Nullable ServerProcess own)
      implements AutoCloseable {

    Target target(Technique technique, boolean manySubscriptions) {
      return options.target(host, port, technique, manySubscriptions);
    }

    @Override
    public void close() throws InterruptedException {
      if (own != null) {
        own.close();
      }
    }
  }
}
