package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A part of a test that runs as a program in namespaces of its own, made by {@code unshare}: it may
 * mount, and lose packets, and needs no rights for that where the kernel lets anybody have
 * namespaces. It passes if it says so at its end.
 */
final class Unshared {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final String PASSED = "passed";

  private Unshared() {}

  /**
   * Runs a program to its end.
   *
   * @param namespaces what it has of its own, as {@code --mount} or {@code --net}
   * @param prepare what a shell does before; {@code $0} is the directory
   * @param program has a main method, which is given the directory and ends with {@link #passed}
   * @return what it said
   */
  static String run(String namespaces, String prepare, Class<?> program, Path directory)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("unshare", "--user", "--map-root-user", namespaces));
    command.addAll(List.of("sh", "-c", prepare + " && exec \"$@\"", directory.toString()));
    command.addAll(java(program, directory.toString()));
    Path output = Files.createTempFile("unshared", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
      String said = Files.readString(output);
      assertThat(ended).as("ended, having said: " + said).isTrue();
      assertThat(said).endsWith(PASSED + "\n");
      return said;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Files.delete(output);
    }
  }

  /** The command that runs a program of these tests. */
  static List<String> java(Class<?> program, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** The last words of a program that saw what it was to see. */
  static void passed() {
    System.out.println(PASSED);
  }
}
