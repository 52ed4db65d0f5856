package io.posthaste.engine.rocksdb;

import static io.posthaste.engine.rocksdb.Logs.append;
import static io.posthaste.engine.rocksdb.Logs.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Appended;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is really full: a small file system in memory, mounted by {@code unshare} for a
 * process of its own, so that it needs no rights where the kernel lets anybody have namespaces. The
 * log's own reserve is switched off: RocksDB itself meets the end of the disk.
 */
final class FullDiskTest {
  @TempDir Path mountPoint;

  @Test
  void appendsFailClearlyReadingGoesOnAndSpaceReturnedMakesThemWork() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "--user",
                "--map-root-user",
                "sh",
                "-c",
                "mount -t tmpfs -o size=128m tmpfs \"$0\" && exec \"$@\"",
                mountPoint.toString(),
                java,
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                InNamespace.class.getName(),
                mountPoint.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).endsWith("passed\n");
  }

  /** What is done on the small disk. */
  static final class InNamespace {
    private InNamespace() {}

    public static void main(String[] arguments) throws IOException {
      Path disk = Path.of(arguments[0]);
      Path filler = disk.resolve("filler");
      Policies policies = new Policies(List.of(Policies.Rule.parse("#=count:1000000")));
      RocksLog.Options options =
          RocksLog.Options.of(disk.resolve("data"), policies)
              .withKeepEvery(Duration.ofMillis(50))
              .withReserve(0, () -> 0);
      try (RocksLog log = RocksLog.open(options)) {
        Logs.publish(log, "a", "first");
        Files.write(filler, new byte[64 << 20]);
        Appended refusal = null;
        for (int i = 0; i < 200 && refusal == null; i++) {
          Appended outcome = append(log, "b", Payload.wrap(new byte[500_000]));
          refusal = outcome instanceof Appended.Stored ? null : outcome;
        }
        assertThat(refusal).isInstanceOf(Appended.Unavailable.class);
        assertThat(((Appended.Unavailable) refusal).reason()).contains("the disk is full");
        assertThat(texts(log, "a")).containsExactly("first");
        Files.delete(filler);
        long giveUp = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        Appended again = append(log, "a", Payload.of("again"));
        while (!(again instanceof Appended.Stored) && System.nanoTime() < giveUp) {
          again = append(log, "a", Payload.of("again"));
        }
        assertThat(again).isInstanceOf(Appended.Stored.class);
        assertThat(texts(log, "a")).containsExactly("first", "again");
      }
      try (RocksLog log = RocksLog.open(options)) {
        assertThat(texts(log, "a")).containsExactly("first", "again");
      }
      System.out.println("passed");
    }
  }
}
