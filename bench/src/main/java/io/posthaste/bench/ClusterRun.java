package io.posthaste.bench;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What {@code bench cluster} measures, step by step, and prints. */
final class ClusterRun {
  private final List<String> command;
  private final ClusterOptions options;
  private final PrintStream out;
  private final int cpu = Cores.server();
  private boolean flawless = true;

  ClusterRun(List<String> command, ClusterOptions options, PrintStream out) {
    this.command = command;
    this.options = options;
    this.out = out;
    if (command.isEmpty()) {
      throw new LoadFailedException("no server (expected: to be run as ./posthaste bench cluster)");
    }
  }

  /** Runs all steps; returns 0 if nothing was lost, came twice or out of order. */
  int run() throws InterruptedException {
    if (cpu >= 0) {
      Cores.moveTo(cpu + 1);
    }
    for (ClusterOptions.Step step : options.steps) {
      switch (step) {
        case DELIVERIES -> deliveries();
        case LATENCY -> latency();
        case BYSTANDER -> bystander();
        case APPENDS -> appends();
        case STORM -> storm();
      }
    }
    return flawless ? 0 : 1;
  }

  private void say(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
    out.flush();
  }

  private Target target(ClusterBed bed) {
    return Target.posthaste("127.0.0.1", bed.node(0).port());
  }

  private Result load(Target target, Load load) throws InterruptedException {
    Result result = LoadRun.run(target, load, 0);
    if (!result.isFlawless()) {
      flawless = false;
      say("  flawed: %s %s", ResultTable.verdict(result), String.valueOf(result.firstFailure()));
    }
    return result;
  }

  private void deliveries() throws InterruptedException {
    for (int count = 1; count <= 3; count++) {
      try (ClusterBed bed = new ClusterBed(command, count, cpu)) {
        Target target = target(bed).withReaders(bed.addresses());
        Load load = Load.fanOut(Technique.SSE, options.connections, 500, 1_000);
        load(target, load);
        Result result = load(target, load);
        say(
            "deliveries: %d servers, %d readers: %,.0f/s",
            count, options.connections, result.deliveriesPerSecond());
      }
    }
  }

  private void latency() throws InterruptedException {
    try (ClusterBed bed = new ClusterBed(command, 2, cpu)) {
      Load load = Load.fanOut(Technique.SSE, Math.min(100, options.connections), 1_000, 100);
      for (int reader : new int[] {0, 1}) {
        Target target = target(bed).withReaders(List.of(bed.address(reader)));
        load(target, load);
        Result result = load(target, load);
        say(
            "latency: published at one server, heard at %s: p50 %.2f ms, p99 %.2f ms; ack p50 %.2f ms",
            reader == 0 ? "the same" : "the other",
            result.latency().p50() / 1e3,
            result.latency().p99() / 1e3,
            result.ack().p50() / 1e3);
      }
    }
  }

  /** What topics cost a server on which nobody reads them. */
  private void bystander() throws InterruptedException {
    try (ClusterBed bed = new ClusterBed(command, 3, cpu)) {
      Target target = target(bed).withReaders(List.of(bed.address(1)));
      Load load = Load.fanOut(Technique.SSE, 100, 5_000, 500).overTopics(100);
      load(target, load);
      ProcessTree bystander = new ProcessTree(bed.node(2).pid());
      ProcessTree reader = new ProcessTree(bed.node(1).pid());
      long idle = bystander.cpuMicros();
      TimeUnit.SECONDS.sleep(10);
      idle = bystander.cpuMicros() - idle;
      long loaded = bystander.cpuMicros();
      long read = reader.cpuMicros();
      Result result = load(target, load);
      say(
          "bystander: %d messages that others read, in some 12 s: %.0f ms of CPU, the reading server %.0f ms;"
              + " in 10 s without any: %.0f ms",
          result.acknowledged(),
          (bystander.cpuMicros() - loaded) / 1e3,
          (reader.cpuMicros() - read) / 1e3,
          idle / 1e3);
    }
  }

  private void appends() throws InterruptedException {
    try (ClusterBed bed = new ClusterBed(command, 1, cpu)) {
      Load load = Load.fanOut(Technique.SSE, 64, options.messages, 1_000_000).overTopics(64);
      load(target(bed), load);
      Result result = load(target(bed), load);
      say(
          "appends: one server, four connections of 64 under way: %,.0f/s, p50 %.1f ms, p99 %.1f ms",
          result.publishesPerSecond(), result.ack().p50() / 1e3, result.ack().p99() / 1e3);
    }
  }

  private void storm() throws InterruptedException {
    try (ClusterBed bed = new ClusterBed(command, 3, cpu)) {
      StormRun.Seen seen = new StormRun(bed, options, Duration.ofSeconds(120)).run();
      say(
          "storm: %d readers of %d topics, their server killed, back over %d ms at the other two: the"
              + " last served after %.2f s (half after %.2f s), %d connections tried;"
              + " %,d messages to NATS meanwhile, %,d in as long a time before",
          options.storm,
          options.stormTopics,
          options.backWithinMillis,
          seen.lastSeconds(),
          seen.halfSeconds(),
          seen.tries(),
          seen.natsMessages(),
          seen.natsMessagesBefore());
    }
  }
}
