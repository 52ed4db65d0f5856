package io.posthaste.app;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What the doctor looks at on this machine. */
final class MachineCheck {
  private static final long ENOUGH_FILES = 65_536;
  private static final long LITTLE_DISK_BYTES = 1L << 30;
  private static final int SYNCS = 60;
  private static final long SLOW_SYNC_MICROS = 5_000;

  private MachineCheck() {}

  static List<Finding> of(Path data) {
    List<Finding> findings = new ArrayList<>();
    findings.add(java());
    findings.add(memory());
    files().ifPresent(findings::add);
    findings.addAll(disk(data));
    return findings;
  }

  private static Finding java() {
    int feature = Runtime.version().feature();
    String what = "java " + Runtime.version();
    return feature >= 25
        ? Finding.good(what)
        : Finding.change(
            what,
            "works; JDK 25 or newer needs less memory a connection (compact object headers): install one"
                + " beside it and ./posthaste takes it");
  }

  private static Finding memory() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long heap = Runtime.getRuntime().maxMemory();
    String what =
        "memory "
            + mebibytes(system.getTotalMemorySize())
            + ", of which the heap may take "
            + mebibytes(heap);
    return heap >= 128L << 20
        ? Finding.good(what)
        : Finding.change(
            what, "give it 256 MiB at least (the container's limit, or POSTHASTE_JAVA_OPTS=-Xmx…)");
  }

  private static Optional<Finding> files() {
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)) {
      return Optional.empty();
    }
    long limit = unix.getMaxFileDescriptorCount();
    String what = String.format("open files at most %,d, one for each connection", limit);
    return Optional.of(
        limit >= ENOUGH_FILES
            ? Finding.good(what)
            : Finding.change(
                what,
                "for more connections raise it: ulimit -n 1048576 before the start, LimitNOFILE=1048576 in"
                    + " a systemd unit, --ulimit nofile=1048576 in a container"));
  }

  private static List<Finding> disk(Path data) {
    Path there = existing(data.toAbsolutePath().normalize());
    List<Finding> findings = new ArrayList<>();
    try {
      long free = there.toFile().getUsableSpace();
      String type = fileSystemType(there);
      String what = "disk of " + there + " has " + mebibytes(free) + " free (" + type + ")";
      findings.add(
          free >= LITTLE_DISK_BYTES
              ? Finding.good(what)
              : Finding.change(
                  what,
                  "make room, or say --disk-limit: on a full disk publishing fails until there is room"));
      if (type.matches("tmpfs|ramfs|overlay|nfs.*|cifs|fuse.*|9p")) {
        findings.add(
            Finding.change(
                "that is " + type,
                "a message that is acknowledged should survive: put --data on a local disk or a volume"));
      }
      findings.add(sync(there));
    } catch (IOException e) {
      findings.add(
          Finding.change(
              there + ": " + Reasons.of(e), "name a directory that can be written with --data"));
    }
    return findings;
  }

  /** The type of file system; in a changed root its mount may not be known. */
  private static String fileSystemType(Path there) {
    try {
      return Files.getFileStore(there).type();
    } catch (IOException e) {
      return "of unknown type";
    }
  }

  private static Path existing(Path path) {
    Path there = path;
    while (!Files.isDirectory(there) && there.getParent() != null) {
      there = there.getParent();
    }
    return there;
  }

  private static Finding sync(Path directory) throws IOException {
    long[] nanos = new long[SYNCS];
    Path file = Files.createTempFile(directory, "posthaste-doctor", ".tmp");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer block = ByteBuffer.allocate(4 << 10);
      for (int i = 0; i < SYNCS; i++) {
        long begun = System.nanoTime();
        channel.write(block.clear());
        channel.force(false);
        nanos[i] = System.nanoTime() - begun;
      }
    } finally {
      Files.delete(file);
    }
    Arrays.sort(nanos);
    long median = nanos[SYNCS / 2] / 1_000;
    String what =
        String.format(
            "disk syncs 4 KiB in %.2f ms (median of %d; the slowest %.2f ms)",
            median / 1e3, SYNCS, nanos[SYNCS - 1] / 1e6);
    return median <= SLOW_SYNC_MICROS
        ? Finding.good(what)
        : Finding.change(
            what,
            "each publish waits for a sync (many share one): a disk with power-loss protection, an SSD at"
                + " least, answers in well under a millisecond");
  }

  private static String mebibytes(long bytes) {
    return String.format("%,d MiB", bytes >> 20);
  }
}
