package io.posthaste.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process and its living descendants, read from Linux' {@code /proc}. Where a process is a JVM,
 * its garbage is collected before its memory is read.
 */
final class ProcessTree {
  /** What {@code /proc/PID/stat} counts in: USER_HZ, 100 on every Linux that has a JDK. */
  private static final long MICROS_PER_TICK = 10_000;

  private static final Path PROC = Path.of("/proc");

  private final long pid;
  private final List<Long> membersAtFirst;

  ProcessTree(long pid) {
    this.pid = pid;
    if (!Files.exists(PROC.resolve(Long.toString(pid)))) {
      throw new IllegalArgumentException("pid: " + pid + " (expected: a running process)");
    }
    membersAtFirst = members();
  }

  /**
   * Memory in KiB.
   *
   * @param resident resident set size
   * @param proportional the same, with shared pages divided among those that share them
   */
  record Memory(long resident, long proportional) {}

  /** Collects garbage where there is a JVM, then reads. Takes up to a second or so. */
  Memory memoryAfterCollection() throws InterruptedException {
    for (long one : members()) {
      if (isJvm(one)) {
        collect(one);
      }
    }
    return memory();
  }

  Memory memory() {
    long resident = 0;
    long proportional = 0;
    for (long one : members()) {
      for (String line : lines(PROC.resolve(one + "/smaps_rollup"))) {
        if (line.startsWith("Rss:")) {
          resident += number(line);
        } else if (line.startsWith("Pss:")) {
          proportional += number(line);
        }
      }
    }
    return new Memory(resident, proportional);
  }

  /** Threads of all members, the JVM's own included. */
  int threads() {
    int threads = 0;
    for (long one : members()) {
      for (String line : lines(PROC.resolve(one + "/status"))) {
        if (line.startsWith("Threads:")) {
          threads += (int) number(line);
        }
      }
    }
    return threads;
  }

  /** Resident KiB of the first members, read cheaply enough to do it often. */
  long resident() {
    long pages = 0;
    for (long one : membersAtFirst) {
      List<String> lines = lines(PROC.resolve(one + "/statm"));
      if (!lines.isEmpty()) {
        pages += Long.parseLong(lines.get(0).split(" ")[1]);
      }
    }
    return pages * 4;
  }

  /** User and system time so far, in µs; counted in steps of 10 ms. */
  long cpuMicros() {
    return members().stream().mapToLong(ProcessTree::cpuMicros).sum();
  }

  /** The same without the descendants. */
  long ownCpuMicros() {
    return cpuMicros(pid);
  }

  private static long cpuMicros(long one) {
    String[] fields = statFields(one);
    return fields.length > 12
        ? (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MICROS_PER_TICK
        : 0;
  }

  /** CPU time that the whole machine spent not idle, in µs. */
  static long machineCpuMicros() {
    String[] fields = lines(PROC.resolve("stat")).get(0).trim().split(" +");
    long busy = 0;
    for (int i = 1; i < Math.min(fields.length, 9); i++) {
      if (i != 4 && i != 5) {
        busy += Long.parseLong(fields[i]);
      }
    }
    return busy * MICROS_PER_TICK;
  }

  private List<Long> members() {
    return Stream.concat(
            Stream.of(pid),
            ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid))
        .toList();
  }

  private static boolean isJvm(long one) {
    List<String> name = lines(PROC.resolve(one + "/comm"));
    return !name.isEmpty() && name.get(0).equals("java");
  }

  private static void collect(long one) throws InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    try {
      Process process =
          new ProcessBuilder(jcmd.toString(), Long.toString(one), "GC.run")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroy();
        throw new LoadFailedException("jcmd " + one + " GC.run did not succeed");
      }
    } catch (IOException e) {
      throw new LoadFailedException("no " + jcmd + " to collect the server's garbage with: " + e);
    }
  }

  /** The fields after the command's name, which is in brackets and may hold anything. */
  private static String[] statFields(long one) {
    List<String> lines = lines(PROC.resolve(one + "/stat"));
    if (lines.isEmpty()) {
      return new String[0];
    }
    String stat = lines.get(0);
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      // A process that ends while it is read.
      return List.of();
    }
  }

  private static long number(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", ""));
  }
}
