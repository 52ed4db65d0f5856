package io.posthaste.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.bench.FaultyServer.Fault;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void aFlawlessRunEndsWithSuccess() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      int status = fanOut(server, "--via", "ws");

      assertThat(status).as(err()).isZero();
      assertThat(out()).contains("all, once, in order", "\"lost\":0");
    }
  }

  @Test
  void aLossIsAFailure() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.LOSES)) {
      int status = fanOut(server, "--json");

      assertThat(status).isEqualTo(1);
      assertThat(out().lines()).hasSize(1).allMatch(line -> line.contains("\"lost\":4,"));
    }
  }

  @Test
  void anotherServersWireCanBeSpelledOut() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      int status =
          fanOut(
              server,
              "--via=long-poll",
              "--subscribe-path=/x?topic=mine-{run}-{topic}",
              "--next-path=/x?topic=mine-{run}-{topic}&after={cursor0}",
              "--cursor-json=next",
              "--publish-path=/topics/mine-{run}-{topic}");

      assertThat(status).as(err()).isZero();
      assertThat(out()).contains("\"received\":40,");
    }
  }

  @Test
  void aKeyIsShownByEveryRequest() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      int status = fanOut(server, "--via=long-poll", "--key=ph_1");

      assertThat(status).as(err()).isZero();
      assertThat(server.heads())
          .anyMatch(head -> head.startsWith("POST"))
          .anyMatch(head -> head.contains("after="))
          .allMatch(head -> head.contains("\r\nAuthorization: Bearer ph_1\r\n"));
    }
  }

  @Test
  void thePublishSweepStopsWhereTheTargetIsMissed() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      int status =
          run(
              "publish",
              "--url=http://127.0.0.1:" + server.port(),
              "--connections=2",
              "--rate=50",
              "--step=50",
              "--steps=2",
              "--seconds=1",
              "--p99=60000",
              "--settle=0",
              "--warmup=0");

      assertThat(status).as(err()).isZero();
      assertThat(out()).contains("highest rate that held: 100 messages/s");
    }
  }

  @Test
  void otherMachinesAreRefusedInALine() {
    int status = run("fanout", "--url=http://192.0.2.1:80");

    assertThat(status).isEqualTo(2);
    assertThat(err()).startsWith("bench: target: /192.0.2.1:80 (expected: a loopback address)");
  }

  @Test
  void withoutAServerItSaysWhatIsMissing() {
    assertThat(run()).isEqualTo(2);
    assertThat(err()).contains("give --url of one that runs, or --start");
  }

  @Test
  void theServerThatDoesNotStartIsToldWithItsLastWords() {
    assertThat(run("idle", "--start=echo no such thing")).isEqualTo(2);
    assertThat(err()).contains("the server is not ready after", "no such thing");
  }

  private int fanOut(FaultyServer server, String... more) {
    String[] usual = {
      "fanout",
      "--url=http://127.0.0.1:" + server.port(),
      "--connections=4",
      "--messages=10",
      "--rate=200",
      "--settle=0",
      "--drain=1",
      "--warmup=0"
    };
    String[] all = java.util.Arrays.copyOf(usual, usual.length + more.length);
    System.arraycopy(more, 0, all, usual.length, more.length);
    return run(all);
  }

  private int run(String... args) {
    BenchCommand bench =
        new BenchCommand(
            java.util.List::of,
            java.util.List::of,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new CommandLine(bench).execute(args);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
