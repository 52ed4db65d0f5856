package io.posthaste.engine.rocksdb;

import static io.posthaste.engine.rocksdb.Logs.answer;
import static io.posthaste.engine.rocksdb.Logs.options;
import static io.posthaste.engine.rocksdb.Logs.publish;
import static io.posthaste.engine.rocksdb.Logs.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.LogException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directory: its format, its lock, its epoch, its copies, its torn end. */
final class RocksLogFilesTest {
  @TempDir Path temporary;

  private Path data() {
    return temporary.resolve("data");
  }

  @Test
  void aFormatThatIsNotKnownIsRefused() throws IOException {
    RocksLog.open(options(data())).close();
    Files.writeString(data().resolve("FORMAT"), "posthaste-log 2\n");
    assertThatThrownBy(() -> RocksLog.open(options(data())))
        .isInstanceOf(LogException.class)
        .hasMessageContaining("posthaste-log 2")
        .hasMessageContaining("another version");
  }

  @Test
  void aLogWithoutItsFormatIsRefused() throws IOException {
    try (RocksLog log = RocksLog.open(options(data()))) {
      publish(log, "a", "1");
      answer(log.backup(temporary.resolve("copy")));
    }
    Files.delete(temporary.resolve("copy").resolve("FORMAT"));
    assertThatThrownBy(() -> RocksLog.open(options(temporary.resolve("copy"))))
        .hasMessageContaining("no FORMAT file");
  }

  @Test
  void aDirectoryInUseIsRefused() {
    try (RocksLog log = RocksLog.open(options(data()))) {
      assertThatThrownBy(() -> RocksLog.open(options(data())))
          .isInstanceOf(LogException.class)
          .hasMessageContaining("in use by another process");
      publish(log, "a", "1");
    }
  }

  @Test
  void theEpochIsTheDirectorysOwn() {
    String first;
    try (RocksLog log = RocksLog.open(options(data()))) {
      first = log.epoch();
    }
    try (RocksLog log = RocksLog.open(options(data()));
        RocksLog other = RocksLog.open(options(temporary.resolve("other")))) {
      assertThat(log.epoch()).isEqualTo(first);
      assertThat(other.epoch()).isNotEqualTo(first);
    }
  }

  @Test
  void aTornEndIsCutOff() throws IOException {
    // Nothing but these two may write, or the torn record would be another one.
    RocksLog.Options quiet = options(data()).withKeepEvery(Duration.ofHours(1));
    try (RocksLog log = RocksLog.open(quiet)) {
      publish(log, "a", "1");
      publish(log, "a", "2");
      // As after a loss of power: a copy of the files of a log that was never closed.
      copy(data(), temporary.resolve("torn"));
    }
    Path wal = newestWal(temporary.resolve("torn").resolve("log"));
    try (FileChannel channel = FileChannel.open(wal, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 3);
    }
    try (RocksLog log = RocksLog.open(options(temporary.resolve("torn")))) {
      assertThat(texts(log, "a")).containsExactly("1");
      publish(log, "a", "3");
      assertThat(texts(log, "a")).containsExactly("1", "3");
    }
  }

  @Test
  void rubbishAtTheEndIsCutOff() throws IOException {
    try (RocksLog log = RocksLog.open(options(data()))) {
      publish(log, "a", "1");
      copy(data(), temporary.resolve("torn"));
    }
    byte[] rubbish = new byte[10_000];
    new Random(7).nextBytes(rubbish);
    Files.write(
        newestWal(temporary.resolve("torn").resolve("log")), rubbish, StandardOpenOption.APPEND);
    try (RocksLog log = RocksLog.open(options(temporary.resolve("torn")))) {
      assertThat(texts(log, "a")).containsExactly("1");
    }
  }

  private static Path newestWal(Path log) throws IOException {
    try (Stream<Path> files = Files.list(log)) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Path::compareTo)
          .orElseThrow();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @Test
  void aBackupUnderLoadIsWholeAndRestoresToANewEpoch() throws Exception {
    Path backup = temporary.resolve("backup");
    Path restored = temporary.resolve("restored");
    String epoch;
    long before;
    try (RocksLog log = RocksLog.open(options(data(), "#=count:1000000"))) {
      epoch = log.epoch();
      AtomicBoolean done = new AtomicBoolean();
      CompletableFuture<Integer> publisher =
          CompletableFuture.supplyAsync(
              () -> {
                int number = 0;
                while (!done.get()) {
                  publish(log, "a", String.valueOf(number++));
                }
                return number;
              });
      while (answer(log.head(0)) < 1_000) {
        Thread.onSpinWait();
      }
      before = answer(log.head(0));
      answer(log.backup(backup));
      done.set(true);
      assertThat(answer(publisher)).isGreaterThan((int) before - 1);
    }
    RocksLog.restore(backup, restored);
    try (RocksLog log = RocksLog.open(options(restored, "#=count:1000000"))) {
      assertThat(log.epoch()).isNotEqualTo(epoch);
      List<String> texts = texts(log, "a");
      assertThat(texts).hasSizeGreaterThanOrEqualTo((int) before);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(texts.get(i)).isEqualTo(String.valueOf(i));
      }
      publish(log, "a", "goes on");
    }
  }

  @Test
  void aBackupGoesOnlyIntoAnEmptyDirectory() throws IOException {
    Files.writeString(temporary.resolve("something"), "x");
    try (RocksLog log = RocksLog.open(options(data()))) {
      assertThatThrownBy(() -> log.backup(temporary).toCompletableFuture().get())
          .hasMessageContaining("is not empty");
      answer(log.backup(temporary.resolve("backup")));
    }
    assertThatThrownBy(() -> RocksLog.restore(temporary.resolve("backup"), data()))
        .hasMessageContaining("is not empty");
    assertThatThrownBy(() -> RocksLog.restore(data().resolve("log"), temporary.resolve("x")))
        .hasMessageContaining("is no whole backup");
  }

  @Test
  void aTopicWithMessagesOnDiskCannotMoveToMemory() {
    try (RocksLog log = RocksLog.open(options(data()))) {
      publish(log, "typing/a", "1");
    }
    assertThatThrownBy(() -> RocksLog.open(options(data(), "typing/#=memory")))
        .isInstanceOf(LogException.class)
        .hasMessageContaining("typing/a has messages on disk")
        .hasMessageContaining("expected: a topic stays where it is");
    RocksLog.open(options(data(), "typing/a=count:1", "typing/#=memory")).close();
  }

  @Test
  void otherTopicsInMemoryMakeANewEpoch() {
    String first;
    try (RocksLog log = RocksLog.open(options(data(), "typing/#=memory"))) {
      first = log.epoch();
      publish(log, "a", "1");
    }
    try (RocksLog log = RocksLog.open(options(data(), "typing/#=memory", "b=count:7"))) {
      assertThat(log.epoch()).isEqualTo(first);
    }
    try (RocksLog log = RocksLog.open(options(data()))) {
      assertThat(log.epoch()).isNotEqualTo(first);
      assertThat(texts(log, "a")).containsExactly("1");
    }
  }

  @Test
  void statisticsShowASyncForEachAcknowledgement() {
    try (RocksLog log = RocksLog.open(options(data()))) {
      for (int i = 1; i <= 20; i++) {
        publish(log, "a", "" + i);
        RocksLog.Statistics statistics = log.statistics();
        assertThat(statistics.messages()).isEqualTo(i);
        assertThat(statistics.syncs()).isGreaterThanOrEqualTo(i); // one at a time: a group each
      }
    }
  }

  @Test
  void statisticsShowHowManyBytesWereWritten() {
    try (RocksLog log = RocksLog.open(options(data()))) {
      String text = "x".repeat(1_000);
      for (int i = 1; i <= 20; i++) {
        publish(log, "a", text);
        assertThat(log.statistics().bytesWritten()).isBetween(i * 1_000L, i * 1_500L);
      }
    }
  }
}
