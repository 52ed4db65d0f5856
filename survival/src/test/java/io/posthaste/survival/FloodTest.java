package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Somebody publishes as fast as his connections take it; what another publishes comes as ever. */
@Timeout(300)
final class FloodTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int RATE = 200;

  @TempDir private Path directory;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Long> heard = Collections.synchronizedList(new ArrayList<>());
  private ServerProcess server;
  private String flooder = "";
  private String other = "";
  private final List<Follower> readers = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    server = new ServerProcess(directory, List.of("-Xmx256m"), "--publish-rate", RATE + "").start();
    Operator operator = new Operator(server, directory.resolve("data"));
    operator.add("root");
    for (String id : List.of("flooder", "other")) {
      operator.add(id);
      operator.grant(id, "publish", id + "/#");
      operator.grant(id, "read", id + "/#");
    }
    flooder = operator.key("flooder");
    other = operator.key("other");
  }

  @AfterEach
  void end() {
    readers.forEach(Follower::leave);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    server.close();
  }

  /** Has one of those who are not flooding read from now on. */
  private void follow(Consumer<Long> taking) {
    Follower reader =
        Follower.of(
            Follower.Way.EVENTS, new Follower.Net(server, http, loops), "other/1", other, taking);
    readers.add(reader);
    await().atMost(LIMIT).until(() -> reader.begun().isDone());
  }

  private void publish(long number) throws IOException, InterruptedException {
    HttpRequest request =
        server
            .request("/v1/topics/other/1")
            .header("Authorization", other)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Long.toString(number)))
            .build();
    assertThat(http.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(201);
  }

  @Test
  void ofOneLeavesAnothersMessagesWholeAndInOrder() throws Exception {
    follow(heard::add);
    long began = System.nanoTime();
    try (Flood flood = new Flood(server.address(), "/v1/topics/flooder/1", flooder, 4)) {
      await().atMost(LIMIT).until(() -> flood.refused() > 8);
      long before = flood.refused();

      for (int number = 1; number <= RATE; number++) {
        publish(number);
      }

      await().atMost(LIMIT).until(() -> flood.refused() > before + 8);
      await().atMost(LIMIT).until(() -> heard.size() >= RATE);
      assertThat(heard).containsExactlyElementsOf(LongStream.rangeClosed(1, RATE).boxed().toList());
      double seconds = (System.nanoTime() - began) / 1e9;
      assertThat((double) flood.taken()).isLessThanOrEqualTo(2 * RATE + RATE * seconds + 4);
    }
  }

  /** For docs/benchmarks.md: how long another's messages take, with a flood and without. */
  @Test
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "measures for half a minute; ./test --long runs it")
  void figures() throws Exception {
    measure("warming up");
    measure("without");
    try (Flood flood = new Flood(server.address(), "/v1/topics/flooder/1", flooder, 4)) {
      await().atMost(LIMIT).until(() -> flood.refused() > 8);
      long before = flood.refused();
      long began = System.nanoTime();
      measure("with a flood");
      double seconds = (System.nanoTime() - began) / 1e9;
      System.out.printf("flood: %.0f requests/s refused%n", (flood.refused() - before) / seconds);
      assertThat(flood.refused()).isGreaterThan(before);
    }
  }

  /** 100 messages a second for 10 s, from before the request until the reader has it. */
  private void measure(String name) throws Exception {
    List<Long> micros = Collections.synchronizedList(new ArrayList<>());
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try {
      int count = 1_000;
      List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
      follow(nanos -> micros.add((System.nanoTime() - nanos) / 1_000));
      clock.scheduleAtFixedRate(
          () -> {
            try {
              publish(System.nanoTime());
            } catch (Exception | AssertionError e) {
              failures.add(e);
            }
          },
          0,
          10,
          TimeUnit.MILLISECONDS);
      await().atMost(LIMIT).until(() -> micros.size() >= count || !failures.isEmpty());
      assertThat(failures).isEmpty();
      List<Long> sorted = micros.stream().limit(count).sorted().toList();
      System.out.printf(
          "%s: p50 %.1f ms, p99 %.1f ms, slowest %.1f ms%n",
          name,
          sorted.get(count / 2) / 1e3,
          sorted.get(count * 99 / 100) / 1e3,
          sorted.get(count - 1) / 1e3);
    } finally {
      clock.shutdownNow();
      readers.forEach(Follower::leave);
    }
  }
}
