package io.posthaste.chaos;

import io.posthaste.testkit.Unshared;
import java.io.IOException;
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
 * dies.
 *
 * <p>Three seeds; a hundred with {@code -Dlong=true}; any with {@code -Dseeds=FROM-TO}, each for
 * {@code -Dseconds=N}; with {@code -Dkinds=all} nats-servers are cut off from each other, too. A
 * seed determines what goes wrong, on which server and when, and when readers leave. It does not
 * determine which server leads, how the machine's load spreads things, nor how packets are lost.
 */
final class ChaosTest {
  private static final List<String> NAMESPACES =
      List.of("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc");
  private static final int SECONDS = Integer.getInteger("seconds", 15);

  static LongStream seeds() {
    String range = System.getProperty("seeds", Boolean.getBoolean("long") ? "1-100" : "1-3");
    String[] ends = range.split("-");
    return LongStream.rangeClosed(Long.parseLong(ends[0]), Long.parseLong(ends[ends.length - 1]));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyAcknowledgedMessageIsSeenOnceByEveryReader(long seed) throws Exception {
    Path directory = Path.of("target", "chaos", "seed-" + seed).toAbsolutePath();
    delete(directory);
    Files.createDirectories(directory);
    Duration limit = Duration.ofSeconds(SECONDS + 240);
    String milliseconds = String.valueOf(SECONDS * 1_000);
    String kinds = System.getProperty("kinds", "survived");
    unshared(limit, ChaosRun.class, directory.toString(), "" + seed, milliseconds, kinds);
    delete(directory); // kept where it failed
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
