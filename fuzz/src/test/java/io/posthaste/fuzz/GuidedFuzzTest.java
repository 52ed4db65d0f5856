package io.posthaste.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gives each {@link Target} to Jazzer, which looks for input that leads where none has led before:
 * 5,000 inputs, or as many as it can try in the seconds that {@code -Dposthaste.fuzz.seconds} says.
 * What it found stays in {@code target/fuzz}, so a longer run goes on from there:
 *
 * <pre>
 * mvn -pl fuzz -am test -Dtest=GuidedFuzzTest -Dsurefire.failIfNoSpecifiedTests=false \
 *   -Dposthaste.fuzz.seconds=600 -Dposthaste.fuzz.target=HTTP
 * </pre>
 *
 * <p>Targets that are {@link Target#isThreaded threaded} have their turn with seconds, or with
 * {@code -Dlong=true}: what they find they may not find again.
 *
 * <p>An input that fails is printed, and kept beside as {@code crash-…}: with a mend it becomes one
 * of the target's seeds.
 */
@Execution(ExecutionMode.CONCURRENT) // each target is a process of its own
final class GuidedFuzzTest {
  private static final int SECONDS = Integer.getInteger("posthaste.fuzz.seconds", 0);

  static Stream<Target> targets() {
    String only = System.getProperty("posthaste.fuzz.target", "");
    return only.isEmpty()
        ? Stream.of(Target.values()).filter(target -> isLong() || !target.isThreaded())
        : Stream.of(Target.valueOf(only));
  }

  private static boolean isLong() {
    return SECONDS > 0 || Boolean.getBoolean("long");
  }

  @ParameterizedTest
  @MethodSource("targets")
  void isTakenOrRefusedButNothingElse(Target target) throws IOException, InterruptedException {
    Path home =
        Files.createDirectories(
            Path.of("target", "fuzz", target.name().toLowerCase(Locale.ROOT)).toAbsolutePath());
    Path corpus = Files.createDirectories(home.resolve("corpus"));
    int number = 0;
    for (byte[] seed : target.seeds()) {
      Files.write(corpus.resolve("seed-" + number++), seed);
    }
    Path said = home.resolve("log.txt");
    Process fuzzer =
        new ProcessBuilder(command(target, home, corpus))
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      boolean ended = fuzzer.waitFor(SECONDS + 300L, TimeUnit.SECONDS);
      String log = Files.readString(said, StandardCharsets.ISO_8859_1);
      assertThat(ended).as(log).isTrue();
      assertThat(fuzzer.exitValue()).as(log).isZero();
      assertThat(log).as("inputs were tried").containsPattern("Done [0-9]{3,} runs");
    } finally {
      fuzzer.destroyForcibly();
    }
  }

  private static List<String> command(Target target, Path home, Path corpus) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx512m",
        "-Xss1m",
        "-XX:TieredStopAtLevel=1", // most of a short run is its start
        "-XX:+IgnoreUnrecognizedVMOptions",
        "-XX:+EnableDynamicAgentLoading",
        "-cp",
        System.getProperty("java.class.path"),
        "com.code_intelligence.jazzer.Jazzer",
        "--target_class=" + target.className(),
        "--instrumentation_includes=io.posthaste.**",
        "--custom_hook_includes=io.posthaste.**",
        "--reproducer_path=" + home,
        "-artifact_prefix=" + home + "/",
        SECONDS > 0 ? "-max_total_time=" + SECONDS : "-runs=5000",
        SECONDS > 0 ? "-seed=0" : "-seed=5", // a short run is to say the same each time
        "-max_len=4096",
        "-timeout=20",
        "-rss_limit_mb=3072",
        corpus.toString());
  }
}
