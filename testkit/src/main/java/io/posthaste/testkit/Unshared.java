package io.posthaste.testkit;

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
public final class Unshared {
  private static final String PASSED = "passed";

  private Unshared() {}

  /**
   * Runs a program to its end.
   *
   * @param limit how long it may take
   * @param namespaces what it has of its own, as {@code --mount} or {@code --net}
   * @param prepare what a shell does before; {@code $1} is the first of the arguments
   * @param program has a main method, which is given the arguments and ends with {@link #passed}
   * @return what it said
   */
  public static String run(
      Duration limit,
      List<String> namespaces,
      String prepare,
      Class<?> program,
      String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("unshare", "--user", "--map-root-user"));
    command.addAll(namespaces);
    command.addAll(List.of("sh", "-c", prepare + " && shift && exec \"$@\"", "sh"));
    command.add(arguments[0]);
    command.addAll(java(program, arguments));
    Path output = Files.createTempFile("unshared", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(limit.toSeconds(), TimeUnit.SECONDS);
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
  public static List<String> java(Class<?> program, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** The last words of a program that saw what it was to see. */
  public static void passed() {
    System.out.println(PASSED);
  }
}
