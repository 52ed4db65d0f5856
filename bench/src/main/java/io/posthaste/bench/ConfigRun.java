package io.posthaste.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What {@code bench config} measures, step by step, and prints. */
final class ConfigRun {
  private static final int ROUNDS = 300;
  private static final int WARM_ROUNDS = 15;

  private final List<String> command;
  private final ConfigOptions options;
  private final PrintStream out;
  private final int cpu = Cores.server();

  ConfigRun(List<String> command, ConfigOptions options, PrintStream out) {
    this.command = command;
    this.options = options;
    this.out = out;
    if (command.isEmpty() && options.url == null) {
      throw new LoadFailedException("no server: give --url of one that runs");
    }
  }

  void run() throws InterruptedException {
    if (cpu >= 0) {
      Cores.moveTo(cpu + 1);
    }
    for (ConfigOptions.Step step : options.steps) {
      switch (step) {
        case HINT -> hint();
        case PARKED -> parked();
        case APOLLO -> apollo();
        case LISTED -> listed();
        case PUBLISHES -> publishes();
        case MANY -> many();
      }
    }
  }

  private void say(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
    out.flush();
  }

  /** Question: how long after a publish does the one who waits hear of it? */
  private void hint() throws InterruptedException {
    try (Server server = server();
        ConfigBed bed = server.bed(1)) {
      bed.fill();
      bed.park(1, 1);
      ConfigBed.Sender sender = bed.sender();
      for (int i = 0; i < 11 * ROUNDS; i++) {
        if (i == 10 * ROUNDS) {
          bed.latency(); // all so far were to warm it up
        }
        int before = bed.told();
        sender.publish(0);
        bed.await("the one who waits is told", () -> bed.toldNow() > before);
      }
      Histogram seen = bed.latency();
      say(
          "hint: one poll, %d publishes: told after p50 %.2f ms, p99 %.2f ms",
          ROUNDS, millis(seen, 50), millis(seen, 99));
      Histogram bare = bareSyncs();
      say(
          "hint: a bare write and sync of as much: p50 %.2f ms, p99 %.2f ms",
          millis(bare, 50), millis(bare, 99));
      say(
          "hint: a get straight after a publish gave an older version: %d of %d",
          sender.stale(0, ROUNDS), ROUNDS);
    }
  }

  /** What a durable publish cannot be quicker than: a file is appended to, and synced. */
  private static Histogram bareSyncs() throws InterruptedException {
    Histogram seen = new Histogram(TimeUnit.MINUTES.toNanos(2), 3);
    try {
      Path file = Files.createTempFile("posthaste-bench-", ".sync");
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
        for (int i = 0; i < ROUNDS; i++) {
          TimeUnit.MILLISECONDS.sleep(1);
          long start = System.nanoTime();
          channel.write(ByteBuffer.allocate(300));
          channel.force(false);
          seen.recordValue(System.nanoTime() - start);
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return seen;
  }

  /** Question: until when has the last of many heard, and what does each cost while it waits? */
  private void parked() throws InterruptedException {
    double bare = perConnection(options.connections, 0);
    try (Server server = server();
        ConfigBed bed = server.bed(1)) {
      server.warm();
      bed.fill();
      long before = server.memory();
      bed.park(options.connections, 1);
      double bytes = (server.memory() - before) * 1024.0 / options.connections;
      say(
          "parked: %,d polls of one config: %,.0f bytes each, %,.0f more than a connection that is only there",
          options.connections, bytes, bytes - bare);
      tell("parked", bed);
    }
  }

  /** Question: the same of Apollo's clients. */
  private void apollo() throws InterruptedException {
    if (options.url != null) {
      say("apollo: left out: it needs a server of the tool's own");
      return;
    }
    int port = freePort();
    try (Server server = server("--apollo", "127.0.0.1:" + port);
        ConfigBed bed = server.bed(1)) {
      server.warm();
      bed.fill();
      long before = server.memory();
      bed.parkAtApollo(options.connections, new InetSocketAddress(server.loopback(), port));
      double bytes = (server.memory() - before) * 1024.0 / options.connections;
      say(
          "apollo: %,d polls of one config: %,.0f bytes each, %,.0f MB of all",
          options.connections, bytes, bytes * options.connections / 1e6);
      tell("apollo", bed);
    }
  }

  /** Publishes, and says when the last has heard; a few times before, for both to be warm. */
  private void tell(String step, ConfigBed bed) throws InterruptedException {
    ConfigBed.Sender sender = bed.sender();
    for (int round = 1; round <= WARM_ROUNDS; round++) {
      tell(sender, bed);
    }
    for (int round = 1; round <= 3; round++) {
      say("%s: told after %s, who asks again at once", step, tell(sender, bed));
    }
    bed.hold();
    for (int round = 1; round <= 3; round++) {
      say("%s: told after %s, who asks again when all are told", step, tell(sender, bed));
    }
  }

  private String tell(ConfigBed.Sender sender, ConfigBed bed) throws InterruptedException {
    bed.latency();
    int told = bed.told();
    sender.publish(0);
    bed.await("all are told", () -> bed.toldNow() == told + options.connections);
    Histogram seen = bed.latency();
    bed.postHeld();
    TimeUnit.SECONDS.sleep(1);
    return "%.0f ms (half of them), %.0f ms (the last)"
        .formatted(millis(seen, 50), seen.getMaxValue() / 1e6);
  }

  /** Question: what does a config more in a poll's list cost? */
  private void listed() throws InterruptedException {
    int polls = 1_000;
    int listed = 1_000; // so many that what else the process grows by is little
    boolean isOwn = options.url == null;
    for (String instances : isOwn ? List.of("off", "on") : List.of("as it runs")) {
      String[] more = isOwn ? new String[] {"--config-instances", instances} : new String[0];
      double one = perConnection(polls, 1, more);
      double all = perConnection(polls, listed, more);
      say(
          "listed: %,d polls of %d configs: %.0f bytes for each listed beyond the first, who has what: %s",
          polls, listed, (all - one) / (listed - 1), instances);
    }
  }

  /** Bytes of a connection that polls so many configs; with none, one that is only there. */
  private double perConnection(int connections, int listed, String... more)
      throws InterruptedException {
    try (Server server = server(more);
        ConfigBed bed = server.bed(1_000)) {
      server.warm();
      bed.fill();
      long before = server.memory();
      if (listed == 0) {
        bed.idle(connections);
      } else {
        bed.park(connections, listed);
      }
      return (server.memory() - before) * 1024.0 / connections;
    }
  }

  /** Question: how many publishes a second, over one connection and over eight? */
  private void publishes() throws InterruptedException {
    try (Server server = server();
        ConfigBed bed = server.bed(8)) {
      bed.fill();
      for (int connections : new int[] {8, 1, 8}) {
        List<ConfigBed.Sender> senders = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
          senders.add(bed.sender());
          senders.get(i).publishOnAndOn(i);
        }
        TimeUnit.SECONDS.sleep(2);
        long start = System.nanoTime();
        long before = answered(senders);
        TimeUnit.SECONDS.sleep(options.seconds);
        double rate = (answered(senders) - before) / ((System.nanoTime() - start) / 1e9);
        senders.forEach(ConfigBed.Sender::stop);
        say("publishes: over %d connections: %,.0f/s", connections, rate);
      }
    }
  }

  /** Question: does a change cost more where others wait for other configs? */
  private void many() throws InterruptedException {
    int rate = 300;
    for (int others : new int[] {0, 5_000}) {
      try (Server server = server();
          ConfigBed bed = server.bed(1_000)) {
        bed.fill();
        bed.park(others, 1);
        ConfigBed.Sender sender = bed.sender();
        // Without others it is published what nobody waits for.
        publishEvenly(sender, rate, 10 * rate);
        bed.latency();
        int told = bed.told();
        long cpuBefore = server.cpuMicros();
        publishEvenly(sender, rate, options.seconds * rate);
        TimeUnit.MILLISECONDS.sleep(500);
        double cpuMicros = server.cpuMicros() - cpuBefore;
        Histogram seen = bed.latency();
        say(
            "many: %d publishes/s over 1,000 configs, %,d polls: %.0f us of CPU a publish, told %,d,"
                + " p50 %.2f ms, p99 %.2f ms, %d for nothing",
            rate,
            others,
            cpuMicros / (options.seconds * rate),
            bed.told() - told,
            millis(seen, 50),
            millis(seen, 99),
            bed.needless());
      }
    }
  }

  private static void publishEvenly(ConfigBed.Sender sender, int rate, int count)
      throws InterruptedException {
    int before = sender.answered();
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long due = start + i * 1_000_000_000L / rate;
      long wait = due - System.nanoTime();
      if (wait > 0) {
        TimeUnit.NANOSECONDS.sleep(wait);
      }
      sender.offer(i % 1_000);
    }
    sender.awaitAnswers(before + count);
  }

  private static long answered(List<ConfigBed.Sender> senders) throws InterruptedException {
    long all = 0;
    for (ConfigBed.Sender sender : senders) {
      all += sender.answered();
    }
    return all;
  }

  private static double millis(Histogram nanos, double percentile) {
    return nanos.getValueAtPercentile(percentile) / 1e6;
  }

  private Server server(String... more) throws InterruptedException {
    URI url = options.url;
    if (url != null) {
      return new Server(url.getPort(), options.pid, null);
    }
    int port = freePort();
    List<String> serve = new ArrayList<>(command);
    serve.addAll(List.of("--nacos", "127.0.0.1:" + port, "--connections-per-address", "none"));
    serve.addAll(List.of(more));
    ServerProcess process = ServerProcess.start(serve, cpu, "/readyz");
    return new Server(port, process.pid(), process);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The server under load, whoever started it. */
  private record Server(int port, long pid, @Nullable ServerProcess own) implements AutoCloseable {
    ConfigBed bed(int configs) {
      return new ConfigBed(new InetSocketAddress(loopback(), port), configs);
    }

    InetAddress loopback() {
      return new InetSocketAddress("127.0.0.1", port).getAddress();
    }

    /**
     * Lets some connections come and go: what a server grows by at its first is no connection's.
     */
    void warm() throws InterruptedException {
      try (ConfigBed first = bed(1)) {
        first.fill();
        first.park(1_000, 1);
        first.sender().publish(0);
      }
      TimeUnit.SECONDS.sleep(1);
    }

    /** KiB, after a collection. */
    long memory() throws InterruptedException {
      return pid == 0 ? 0 : new ProcessTree(pid).memoryAfterCollection().proportional();
    }

    long cpuMicros() {
      return pid == 0 ? 0 : new ProcessTree(pid).cpuMicros();
    }

    @Override
    public void close() throws InterruptedException {
      if (own != null) {
        own.close();
      }
    }
  }
}
