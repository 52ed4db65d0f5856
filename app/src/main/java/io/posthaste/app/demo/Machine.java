package io.posthaste.app.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What this machine does: load, memory, network. From the JDK where it knows, and from Linux'
 * {@code /proc} where that says more; what neither tells is left out. To be used by one thread.
 */
final class Machine {
  private static final double NANOS = 1e9;

  private final Path proc;
  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private Traffic before = new Traffic(-1, -1);
  private long beforeNanos;

  /** Bytes since the machine's start, of all interfaces but loopback; -1 if not known. */
  record Traffic(long down, long up) {}

  Machine() {
    this(Path.of("/proc"));
  }

  Machine(Path proc) {
    this.proc = proc;
  }

  /**
   * Puts in the load (of the last minute), the memory in use (percent), and what went down and up
   * since the last call (bytes a second).
   */
  void read(ObjectNode data) {
    double load = system.getSystemLoadAverage();
    if (load >= 0) {
      data.put("load", Math.round(load * 100) / 100.0);
    }
    data.put("memory", Math.round(100.0 * usedMemory()));
    long now = System.nanoTime();
    Traffic traffic = traffic(lines("net/dev"));
    if (traffic.down >= 0 && before.down >= 0) {
      double seconds = (now - beforeNanos) / NANOS;
      data.put("down", Math.max(0, Math.round((traffic.down - before.down) / seconds)));
      data.put("up", Math.max(0, Math.round((traffic.up - before.up) / seconds)));
    }
    before = traffic;
    beforeNanos = now;
  }

  private double usedMemory() {
    double used = usedMemory(lines("meminfo"));
    return used >= 0
        ? used
        : 1 - (double) system.getFreeMemorySize() / Math.max(1, system.getTotalMemorySize());
  }

  /** The share of memory that programs could not have; -1 if not known. */
  static double usedMemory(List<String> meminfo) {
    long total = 0;
    long available = -1;
    for (String line : meminfo) {
      if (line.startsWith("MemTotal:")) {
        total = number(line);
      } else if (line.startsWith("MemAvailable:")) {
        available = number(line);
      }
    }
    return total > 0 && available >= 0 ? 1 - (double) available / total : -1;
  }

  private static long number(String line) {
    String digits = line.replaceAll("[^0-9]", "");
    return digits.isEmpty() ? -1 : Long.parseLong(digits);
  }

  /** Adds up {@code /proc/net/dev}: a name, eight figures received, eight sent. */
  static Traffic traffic(List<String> dev) {
    long down = -1;
    long up = -1;
    for (String line : dev) {
      int colon = line.indexOf(':');
      if (colon < 0 || line.substring(0, colon).strip().equals("lo")) {
        continue;
      }
      String[] figures = line.substring(colon + 1).strip().split("\\s+");
      if (figures.length >= 9) {
        down = Math.max(0, down) + Long.parseLong(figures[0]);
        up = Math.max(0, up) + Long.parseLong(figures[8]);
      }
    }
    return new Traffic(down, up);
  }

  private List<String> lines(String file) {
    try {
      return Files.readAllLines(proc.resolve(file));
    } catch (IOException e) {
      return List.of(); // not Linux
    }
  }
}
