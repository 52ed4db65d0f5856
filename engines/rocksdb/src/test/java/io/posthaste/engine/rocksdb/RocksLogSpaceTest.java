package io.posthaste.engine.rocksdb;

import static io.posthaste.engine.rocksdb.Logs.all;
import static io.posthaste.engine.rocksdb.Logs.answer;
import static io.posthaste.engine.rocksdb.Logs.append;
import static io.posthaste.engine.rocksdb.Logs.diskBytes;
import static io.posthaste.engine.rocksdb.Logs.options;
import static io.posthaste.engine.rocksdb.Logs.page;
import static io.posthaste.engine.rocksdb.Logs.publish;
import static io.posthaste.engine.rocksdb.Logs.publishNoise;
import static io.posthaste.engine.rocksdb.Logs.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import io.posthaste.testkit.ExpectWarning;
import io.posthaste.testkit.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk shrinks when it should, and when it is full nothing is lost. */
final class RocksLogSpaceTest {
  private static final long MIB = 1 << 20;
  private static final Duration SHORT_WHILE = Duration.ofSeconds(60);

  @TempDir Path data;

  @Test
  void theDiskStaysWithinItsLimit() {
    long limit = 32 * MIB;
    try (RocksLog log = RocksLog.open(options(data, "#=count:1000000").withLimits(limit, MIB))) {
      for (int i = 0; i < 8; i++) {
        publishNoise(log, "t/" + i, 1_600, 10_000);
      }
      await().atMost(SHORT_WHILE).until(() -> diskBytes(data) <= limit);
      List<Message> kept = all(log, 0, "#");
      long head = answer(log.head(0));
      assertThat(head).isEqualTo(8 * 1_600);
      assertThat(kept.get(kept.size() - 1).sequence()).isEqualTo(head);
      assertThat(kept).hasSizeBetween(500, 4_000);
      assertThat(page(log, 0, "t/0", 1).gaps()).isNotEmpty();
      assertThat(answer(log.state(new Topic("t/0")))).isEmpty();
      assertThat(page(log, 0, "t/7", 7 * 1_600).messages()).isNotEmpty();
    }
  }

  /** Else whoever publishes enough would take away who may what, and open the server to all. */
  @Test
  void whoMayWhatStaysWhereTheDiskIsFullOfOtherMessages() {
    long limit = 32 * MIB;
    List<String> access =
        List.of("$access/administrators", "$access/users/alice", "$access/grants/alice");
    try (RocksLog log = RocksLog.open(options(data, "#=count:1000000").withLimits(limit, MIB))) {
      publishNoise(log, "t/0", 100, 10_000);
      access.forEach(topic -> publish(log, topic, "kept"));
      for (int i = 0; i < 8; i++) {
        publishNoise(log, "t/" + i, 1_600, 10_000);
      }
      await().atMost(SHORT_WHILE).until(() -> diskBytes(data) <= limit);
      assertThat(page(log, 0, "t/0", 1).gaps()).isNotEmpty(); // from before and after: all gone
      for (String topic : access) {
        assertThat(answer(log.latest(new Topic(topic))).orElseThrow().payload().utf8())
            .as(topic)
            .isEqualTo("kept");
      }
      assertThat(all(log, 0, "$access/#")).hasSize(3);
    }
    try (RocksLog log = RocksLog.open(options(data, "#=count:1000000").withLimits(limit, MIB))) {
      assertThat(all(log, 0, "$access/#")).hasSize(3);
    }
  }

  @Test
  void theDiskShrinksWhenMessagesGoByCount() {
    try (RocksLog log = RocksLog.open(options(data, "#=count:10").withLimits(64 * MIB, MIB))) {
      publishNoise(log, "a", 10_000, 10_000); // 100 MB
      await().atMost(SHORT_WHILE).until(() -> all(log, 0, "a").size() == 10);
      await().atMost(SHORT_WHILE).until(() -> diskBytes(data) < 64 * MIB);
    }
  }

  @Test
  void theDiskShrinksWhenMessagesGoByAge() {
    TestClock clock = new TestClock(Instant.parse("2026-11-22T10:00:00Z"));
    try (RocksLog log =
        RocksLog.open(
            options(data, "#=age:1h,count:1000000").withClock(clock).withLimits(512 * MIB, MIB))) {
      for (int i = 0; i < 10; i++) {
        publishNoise(log, "t/" + i, 500, 10_000);
      }
      long before = diskBytes(data);
      assertThat(before).isGreaterThan(40 * MIB);
      clock.advance(Duration.ofHours(2));
      publish(log, "b", "1");
      await().atMost(SHORT_WHILE).until(() -> all(log, 0, "#").size() == 1);
      await().atMost(SHORT_WHILE).until(() -> diskBytes(data) < before / 2);
      assertThat(answer(log.topics("", "", 10)).topics()).hasSize(1);
    }
  }

  @Test
  @ExpectWarning("the log takes nothing reason=the disk is full")
  void withTooLittleSpaceLeftNothingIsTakenAndReadingGoesOn() {
    AtomicLong usable = new AtomicLong(100 * MIB);
    try (RocksLog log = RocksLog.open(options(data).withReserve(50 * MIB, usable::get))) {
      publish(log, "a", "1");
      usable.set(7 * MIB);
      await()
          .untilAsserted(
              () ->
                  assertThat(append(log, "a", Payload.of("2")))
                      .isInstanceOf(Appended.Unavailable.class));
      assertThat(((Appended.Unavailable) append(log, "a", Payload.of("2"))).reason())
          .contains("the disk is full: 7 MiB are left")
          .contains("expected: 50 MiB");
      assertThat(texts(log, "a").get(0)).isEqualTo("1");
      usable.set(100 * MIB);
      await().until(() -> append(log, "a", Payload.of("3")) instanceof Appended.Stored);
      assertThat(texts(log, "a")).last().isEqualTo("3");
    }
  }

  @Test
  void closingWhileRetentionIsAtWorkIsNoReasonToWarn() {
    for (int i = 0; i < 20; i++) {
      RocksLog.open(options(data).withKeepEvery(Duration.ofNanos(1))).close();
    }
  }

  @Test
  void moreAppendsThanMayWaitAreRefused() {
    try (RocksLog log = RocksLog.open(options(data).withQueue(1 << 20))) {
      byte[] payload = new byte[200_000];
      List<Appended> outcomes =
          IntStream.range(0, 400)
              .mapToObj(
                  i -> log.append(List.of(Append.of(new Topic("a"), "", Payload.copyOf(payload)))))
              .toList()
              .stream()
              .map(stage -> answer(stage).get(0))
              .toList();
      assertThat(outcomes).hasAtLeastOneElementOfType(Appended.Stored.class);
      assertThat(outcomes)
          .contains(
              new Appended.Unavailable(
                  "too many appends are under way (expected: a retry in a moment)"));
      assertThat(log.statistics().overflows()).isPositive();
      publish(log, "a", "goes on");
    }
  }
}
