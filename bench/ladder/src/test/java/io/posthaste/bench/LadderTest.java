package io.posthaste.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the ladder shows holds by construction, so it shows with a handful of clients too. */
final class LadderTest {
  private static final String POSTHASTE = "Posthaste, long-poll";

  private static List<String> java(String main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Rungs that remember nothing for whoever is not held. Each takes twenty seconds. */
  private static final List<String> FORGETTING =
      Boolean.getBoolean("long")
          ? List.of("AsyncContext", "DeferredResult")
          : List.of("DeferredResult");

  @Test
  void onlyALogWithCursorsLosesNothing() throws Exception {
    LadderOptions ladder = new LadderOptions();
    ladder.waiters = 30;
    ladder.warmup = 20;
    ladder.deliveries = 4;
    ladder.messages = 500;
    ladder.broken = 3;
    ladder.settle = Duration.ofMillis(300);
    ladder.only = new ArrayList<>(List.of("queue", POSTHASTE));
    ladder.only.addAll(FORGETTING);
    List<String> posthaste =
        java(
            "io.posthaste.app.Posthaste",
            "serve",
            "--http=127.0.0.1:{port}",
            "--tcp=off",
            "--data={dir}/data");
    List<String> tutorials = java("io.posthaste.ladder.Ladder", "{name}", "--server.port={port}");

    ByteArrayOutputStream table = new ByteArrayOutputStream();
    List<RungResult> results = ladder.climb(posthaste, tutorials, result -> {}, System.out);
    LadderOptions.print(new PrintStream(table, true, StandardCharsets.UTF_8), results);
    System.out.println(table.toString(StandardCharsets.UTF_8));

    Map<String, RungResult> rungs =
        results.stream().collect(Collectors.toMap(r -> r.rung().name(), Function.identity()));
    assertThat(rungs).hasSize(2 + FORGETTING.size());
    assertThat(rungs.values())
        .allSatisfy(
            rung -> {
              assertThat(rung.between().acknowledged()).isEqualTo(500);
              assertThat(rung.between().duplicates()).isZero();
              assertThat(rung.delivery().received()).isPositive();
              assertThat(rung.threads()).isPositive();
            });

    // Nothing is between two polls: the queue is there, and so is the log.
    assertThat(rungs.get("queue").between().lost()).isZero();
    assertThat(rungs.get(POSTHASTE).between().lost()).isZero();
    // Whoever is not held is not told, and asking again takes longer than publishing again.
    assertThat(FORGETTING)
        .allSatisfy(name -> assertThat(rungs.get(name).between().lost()).isPositive());

    // A thread, or a held request, took the only copy for a client that had gone.
    assertThat(rungs.get("queue").brokenLost()).isPositive();
    assertThat(FORGETTING)
        .allSatisfy(name -> assertThat(rungs.get(name).brokenLost()).isEqualTo(3));
    assertThat(rungs.get(POSTHASTE).brokenLost()).isZero();

    assertThat(rungs.get("queue").threads()).isGreaterThan(30);
  }
}
