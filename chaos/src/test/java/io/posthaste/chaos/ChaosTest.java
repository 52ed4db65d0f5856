package io.posthaste.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.testkit.Unshared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nothing acknowledged is lost or doubled, and no reader misses or repeats a message, whatever
 * dies, and while all nodes are restarted.
 *
 * <p>Three seeds and a rolling restart, which one cluster goes through one after the other, as
 * starting one takes as long as a seed does; a hundred with {@code -Dlong=true}, any with {@code
 * -Dseeds=FROM-TO}, each for {@code -Dseconds=N} and with a cluster of its own. Which kinds of
 * faults are dealt follows from what the nats-server found can stand; {@code -Dkinds=all} deals all
 * of them, {@code -Dkinds=survived} those that any stands. A seed determines what goes wrong, on
 * which server and when, and when readers leave. It does not determine which server leads, how the
 * machine's load spreads things, nor how packets are lost.
 */
final class ChaosTest {
  private static final List<String> NAMESPACES =
      List.of("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc");

  /** For so long things go wrong with a seed, if nothing else is said. */
  static final int DEFAULT_SECONDS = 15;

  /** What is run if nothing else is said: every kind comes with one of them. */
  static final List<Long> DEFAULT_SEEDS = List.of(3L, 5L, 8L);

  private static final int SECONDS = Integer.getInteger("seconds", DEFAULT_SECONDS);

  static Stream<String> seeds() {
    String range = System.getProperty("seeds", Boolean.getBoolean("long") ? "1-100" : "");
    if (range.isEmpty()) {
      StringBuilder all = new StringBuilder();
      DEFAULT_SEEDS.forEach(seed -> all.append(seed).append(','));
      return Stream.of(all + ChaosRun.RESTARTS);
    }
    String[] ends = range.split("-");
    Stream<String> each =
        LongStream.rangeClosed(Long.parseLong(ends[0]), Long.parseLong(ends[ends.length - 1]))
            .mapToObj(String::valueOf);
    return System.getProperty("seeds") == null
        ? Stream.concat(each, Stream.of(ChaosRun.RESTARTS))
        : each;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyAcknowledgedMessageIsSeenOnceByEveryReader(String seeds) throws Exception {
    Path directory = Path.of("target", "chaos", "seed-" + seeds).toAbsolutePath();
    delete(directory);
    Files.createDirectories(directory);
    int count = seeds.split(",").length;
    Duration limit = Duration.ofSeconds(count * (SECONDS + 60L) + 180);
    String milliseconds = String.valueOf(SECONDS * 1_000);
    String kinds = System.getProperty("kinds");
    if (kinds == null) {
      kinds = Fault.areAllSurvivedBy(natsVersion()) ? "all" : "survived";
    }
    unshared(limit, ChaosRun.class, directory.toString(), seeds, milliseconds, kinds);
    delete(directory); // kept where it failed
  }

  /** As {@code 2.11.4}. */
  private static String natsVersion() throws IOException {
    Process asked =
        new ProcessBuilder("nats-server", "--version").redirectErrorStream(true).start();
    String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    assertThat(said).as("the version of nats-server").matches("nats-server: v\\d+\\.\\d+\\..*");
    return said.substring(said.indexOf('v', said.indexOf(':')) + 1);
  }

  /** Runs a program that makes hosts. */
  static void unshared(Duration limit, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    String prepare = "mount -t tmpfs tmpfs /run";
    System.out.println(Unshared.run(limit, NAMESPACES, prepare, program, arguments));
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
