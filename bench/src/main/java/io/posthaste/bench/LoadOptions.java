package io.posthaste.bench;

import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** The options that say how much of what. */
final class LoadOptions {
  @Option(
      names = "--via",
      paramLabel = "TECHNIQUE",
      converter = TechniqueWord.class,
      description = "How readers wait: sse (default), ndjson, ws, long-poll.")
  Technique technique = Technique.SSE;

  @Option(
      names = {"-c", "--connections"},
      paramLabel = "N",
      description = "Readers' connections (default: ${DEFAULT-VALUE}).")
  int connections = 1_000;

  @Option(
      names = "--subscriptions",
      paramLabel = "N",
      description = "Readers on each connection, over WebSocket (default: ${DEFAULT-VALUE}).")
  int subscriptions = 1;

  @Option(
      names = {"-t", "--topics"},
      paramLabel = "N",
      description = "Topics that are read (default: ${DEFAULT-VALUE}).")
  int topics = 1;

  @Option(
      names = "--published-topics",
      paramLabel = "N",
      description = "How many of them are published to (default: all).")
  int publishedTopics;

  @Option(
      names = {"-m", "--messages"},
      paramLabel = "N",
      description = "Messages in all (default: 10 seconds of the rate).")
  int messages;

  @Option(
      names = {"-r", "--rate"},
      paramLabel = "N",
      description = "Messages a second over all topics (default: ${DEFAULT-VALUE}).")
  double rate = 100;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      description = "Bytes of a payload (default: ${DEFAULT-VALUE}).")
  int size = 100;

  @Option(
      names = "--stalled",
      paramLabel = "N",
      description = "So many connections stop reading once they wait.")
  int stalled;

  @Option(
      names = "--warmup",
      paramLabel = "SECONDS",
      description = "The same load first, uncounted, to warm a JVM up (default: ${DEFAULT-VALUE}).")
  int warmupSeconds = 3;

  @Option(
      names = "--connect-rate",
      paramLabel = "N",
      description = "New connections a second (default: ${DEFAULT-VALUE}).")
  int connectRate = 3_000;

  @Option(
      names = "--settle",
      paramLabel = "SECONDS",
      description = "The pause before the first message (default: ${DEFAULT-VALUE}).")
  int settleSeconds = 1;

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      description =
          "How long after the last arrival missing ones are waited for (default: "
              + "${DEFAULT-VALUE}).")
  int drainSeconds = 5;

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      description = "The whole run is given up after this (default: ${DEFAULT-VALUE}).")
  int limitSeconds = 300;

  @Option(
      names = "--publishers",
      paramLabel = "N",
      description = "Publishing connections (default: ${DEFAULT-VALUE}).")
  int publishers = 4;

  @Option(
      names = "--depth",
      paramLabel = "N",
      description = "Unanswered requests on each of them (default: ${DEFAULT-VALUE}).")
  int depth = 64;

  /** The load as asked for. */
  Load load() {
    return load((int) Math.min(Integer.MAX_VALUE, messages > 0 ? messages : 10 * rate));
  }

  /** The uncounted one before it, or null. */
  @Nullable Load warmup() {
    return warmupSeconds == 0 ? null : load((int) Math.max(1, warmupSeconds * rate));
  }

  private Load load(int count) {
    return new Load(
        technique,
        connections,
        subscriptions,
        topics,
        publishedTopics > 0 ? publishedTopics : topics,
        count,
        rate,
        size,
        stalled,
        Duration.ZERO,
        connectRate,
        Duration.ofSeconds(settleSeconds),
        Duration.ofSeconds(drainSeconds),
        Duration.ofSeconds(limitSeconds),
        publishers,
        depth);
  }

  /** Reads a technique by its word. */
  static final class TechniqueWord implements ITypeConverter<Technique> {
    @Override
    public Technique convert(String word) {
      return Arrays.stream(Technique.values())
          .filter(technique -> technique.word().equals(word))
          .findFirst()
          .orElseThrow(
              () ->
                  new picocli.CommandLine.TypeConversionException(
                      word + " (expected: one of " + Arrays.toString(Technique.values()) + ")"));
    }
  }
}
