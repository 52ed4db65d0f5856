package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Grants change one after the other, as fast as the server takes it, while readers are connected by
 * every technique: whoever keeps what he may is not disturbed, whoever loses it hears no more.
 *
 * <p>Half of the readers are of people who stay; grants that they do not need come and go. The
 * others are of people who lose their grant, or are removed, and get it back; their readers try
 * again and again. 1,000 readers for a minute with {@code -Dlong=true}, 100 for some seconds else.
 */
@Timeout(600)
final class ChangingGrantsTest {
  private static final boolean LONG = Boolean.getBoolean("long");
  private static final int READERS = LONG ? 1_000 : 100;
  private static final Duration TIME = Duration.ofSeconds(LONG ? 60 : 5);
  private static final int PEOPLE = 10; // who stay, and as many who come and go
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Within which whoever has lost a grant must be cut off; a machine may stand still meanwhile. */
  private static final long CUT_NANOS = TimeUnit.SECONDS.toNanos(LONG ? 1 : 2);

  @TempDir private Path directory;

  private final Random random = new Random(Long.getLong("posthaste.seed", 5));
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger refused = new AtomicInteger();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<Staying> staying = new ArrayList<>();
  private final List<Leaving> leaving = new ArrayList<>();
  private volatile boolean ending;

  /** Somebody who keeps what he may; grants that he does not need come and go. */
  private final class Staying {
    final String id;
    final String topic;
    final String key;
    final List<Counting> readers = new ArrayList<>();
    long published;
    boolean hasMore;

    Staying(Operator operator, int number) throws Exception {
      id = "staying-" + number;
      topic = "kept/" + number;
      operator.add(id);
      operator.grant(id, "read", topic);
      key = operator.key(id);
    }

    void change(Operator operator) throws Exception {
      if (hasMore) {
        operator.revoke(id, "read", "other/#");
      } else {
        operator.grant(id, "read", "other/#");
      }
      hasMore = !hasMore;
    }
  }

  /** A reader of somebody who stays: it hears each message once, in order. */
  private final class Counting {
    final Follower follower;
    volatile long last;

    Counting(ServerProcess server, Staying who, Follower.Way way) {
      last = who.published;
      follower =
          Follower.of(
              way,
              new Follower.Net(server, http, loops),
              who.topic,
              who.key,
              number -> {
                if (number != last + 1) {
                  wrong.add(who.id + " by " + way + ": " + number + " after " + last);
                }
                last = number;
              });
    }
  }

  /** Somebody who loses what he may, and gets it back. */
  private final class Leaving {
    final String id;
    final String topic;
    final List<Returning> readers = new ArrayList<>();
    volatile String key;
    volatile long lostNanos; // when the loss was acknowledged; 0 while he may, or will in a moment
    boolean isRemoved;
    long nextNanos = System.nanoTime();

    Leaving(Operator operator, int number) throws Exception {
      id = "leaving-" + number;
      topic = "lost/" + number;
      operator.add(id);
      operator.grant(id, "read", topic);
      key = operator.key(id);
    }

    void heard(Follower.Way way, long publishedNanos) {
      long lost = lostNanos;
      if (lost != 0 && publishedNanos - lost > CUT_NANOS) {
        wrong.add(
            "%s heard by %s what was published %d ms after the loss"
                .formatted(id, way, TimeUnit.NANOSECONDS.toMillis(publishedNanos - lost)));
      }
    }

    void change(Operator operator) throws Exception {
      int millis;
      if (lostNanos != 0) {
        giveBack(operator);
        millis = 200 + random.nextInt(1_000);
      } else {
        isRemoved = random.nextInt(3) == 0;
        if (isRemoved) {
          operator.remove(id);
        } else {
          operator.revoke(id, "read", topic);
        }
        lostNanos = System.nanoTime();
        millis = random.nextInt(2 * (int) TimeUnit.NANOSECONDS.toMillis(CUT_NANOS));
      }
      nextNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    void giveBack(Operator operator) throws Exception {
      if (lostNanos == 0) {
        return;
      }
      lostNanos = 0;
      if (isRemoved) {
        operator.add(id);
        key = operator.key(id);
      }
      operator.grant(id, "read", topic);
    }
  }

  /** A reader of somebody who may come and go: when it has ended it tries again. */
  private final class Returning {
    final ServerProcess server;
    final Leaving who;
    final Follower.Way way;
    volatile Follower follower;
    volatile long heardNanos = Long.MIN_VALUE;

    Returning(ServerProcess server, Leaving who, Follower.Way way) {
      this.server = server;
      this.who = who;
      this.way = way;
      this.follower = follow();
    }

    private Follower follow() {
      Follower begun =
          Follower.of(
              way,
              new Follower.Net(server, http, loops),
              who.topic,
              who.key,
              nanos -> {
                heardNanos = nanos;
                who.heard(way, nanos);
              });
      begun
          .end()
          .thenRun(
              () -> {
                if (!begun.begun().isDone()) {
                  refused.incrementAndGet();
                }
                if (!ending) {
                  clock.schedule(() -> follower = follow(), 200, TimeUnit.MILLISECONDS);
                }
              });
      return begun;
    }

    boolean isOpen() {
      return follower.begun().isDone() && !follower.end().isDone();
    }
  }

  @AfterEach
  void end() {
    ending = true;
    clock.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void disturbNobodyWhoKeepsWhatHeMay() throws Exception {
    try (ServerProcess server = new ServerProcess(directory, List.of("-Xmx256m")).start()) {
      Operator operator = new Operator(server, directory.resolve("data"));
      operator.add("root"); // the first is the administrator
      operator.grant("anonymous", "read", "$metrics");
      for (int i = 0; i < PEOPLE; i++) {
        staying.add(new Staying(operator, i));
        leaving.add(new Leaving(operator, i));
      }
      publish(operator);
      double tails = server.metric("posthaste_tails");
      long heap = server.usedHeap();

      connect(server);
      clock.scheduleWithFixedDelay(() -> publish(operator), 0, 100, TimeUnit.MILLISECONDS);
      int changes = 0;
      long until = System.nanoTime() + TIME.toNanos();
      while (System.nanoTime() < until) {
        change(operator);
        changes++;
      }

      for (Leaving who : leaving) {
        who.giveBack(operator);
      }
      long back = System.nanoTime();
      await("all who may again hear again")
          .atMost(LIMIT)
          .until(() -> returning().allMatch(each -> each.isOpen() && each.heardNanos > back));
      assertThat(counting().filter(each -> each.follower.end().isDone()))
          .as("readers of those who stay that ended")
          .isEmpty();
      stopPublishing();
      await("all who stay have heard all")
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                for (Staying who : staying) {
                  assertThat(who.readers).allMatch(each -> each.last == who.published);
                }
              });
      assertThat(wrong).isEmpty();
      assertThat(refused.get()).as("tries of those who may not").isPositive();
      assertThat(changes).isGreaterThan((int) TIME.toSeconds() * 5);

      counting().forEach(each -> each.follower.leave());
      returning().forEach(each -> each.follower.leave());
      await("nothing is left behind")
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                assertThat(server.metric("posthaste_readers")).isZero();
                assertThat(server.metric("posthaste_polls_held")).isZero();
                assertThat(server.metric("posthaste_tails")).isEqualTo(tails);
                assertThat(server.usedHeap()).isLessThan(heap + (24 << 20));
              });
      assertThat(server.said()).doesNotContain("ERROR", "Exception");
    }
  }

  private Stream<Counting> counting() {
    return staying.stream().flatMap(who -> who.readers.stream());
  }

  private Stream<Returning> returning() {
    return leaving.stream().flatMap(who -> who.readers.stream());
  }

  private void connect(ServerProcess server) {
    Follower.Way[] ways = Follower.Way.values();
    for (int i = 0; i < READERS / 2; i++) {
      Follower.Way way = ways[i / PEOPLE % ways.length];
      Staying who = staying.get(i % PEOPLE);
      who.readers.add(new Counting(server, who, way));
      Leaving other = leaving.get(i % PEOPLE);
      other.readers.add(new Returning(server, other, way));
    }
    await("all are connected")
        .atMost(LIMIT)
        .until(
            () ->
                counting().allMatch(each -> each.follower.begun().isDone())
                    && returning().allMatch(Returning::isOpen));
  }

  private void change(Operator operator) throws Exception {
    long now = System.nanoTime();
    for (Leaving who : leaving) {
      if (who.nextNanos - now <= 0) {
        who.change(operator);
        return;
      }
    }
    staying.get(random.nextInt(PEOPLE)).change(operator);
  }

  /** A message for each who stays, which is its number, and for each other, which is the time. */
  private synchronized void publish(Operator operator) {
    if (ending) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    for (Staying who : staying) {
      lines.append(line(who.topic, ++who.published));
    }
    for (Leaving who : leaving) {
      lines.append(line(who.topic, System.nanoTime()));
    }
    try {
      operator.batch(lines.toString());
    } catch (Exception e) {
      wrong.add(e.toString());
    }
  }

  private synchronized void stopPublishing() {
    ending = true;
  }

  private static String line(String topic, long data) {
    return "{\"topic\":\"" + topic + "\",\"data\":" + data + "}\n";
  }
}
