package io.posthaste.engine.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.testkit.ExpectWarning;
import io.posthaste.testkit.NatsServer;
import io.posthaste.testkit.NatsServers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The death of a stream's leader. */
final class LeaderTest {
  private static final int MESSAGES = 400;

  /** When servers may have elected another leader than the one that they do not hear. */
  private static final Duration ELECTED = Duration.ofSeconds(5);

  /** Until then one that hears nobody answers reads. */
  private static final Duration ANSWERED_ALONE = Duration.ofSeconds(9);

  @Test
  @ExpectWarning(value = "the connection to NATS is lost", tolerated = "JetStream stores nothing")
  void nothingAcknowledgedIsLostAndRetriesDoNotDouble() throws Exception {
    try (NatsServers servers = NatsServers.cluster();
        JetStreamLog log =
            JetStreamLog.open(
                JetStreamOptions.of(List.of(servers.urls().split(",")), Policies.DEFAULT))) {
      List<String> published = new ArrayList<>();
      for (int i = 0; i < MESSAGES; i++) {
        if (i == MESSAGES / 2) {
          // The connection's own server dies too, if that is another one.
          leader(servers).kill();
          connected(servers, log).kill();
          servers.servers().forEach(LeaderTest::start);
        }
        publish(log, "" + i);
        published.add("" + i);
      }
      assertThat(texts(log)).isEqualTo(published);
    }
  }

  @Test
  @ExpectWarning(value = "the connection to NATS is lost", tolerated = "JetStream stores nothing")
  void whatWasInMemoryIsMadeAgainWhenTheOnlyServerComesBack() throws Exception {
    Policies policies = new Policies(List.of(Policies.Rule.parse("ring/#=memory")));
    try (NatsServers servers = NatsServers.single();
        JetStreamLog log =
            JetStreamLog.open(JetStreamOptions.of(List.of(servers.urls()), policies))) {
      Append ring = Append.of(new Topic("ring/a"), "text/plain", Payload.of("x"));
      Appended.Stored before = stored(log, ring);
      servers.get(0).kill();
      servers.get(0).start();
      Appended.Stored after = stored(log, ring);
      assertThat(after.id().sequence()).isGreaterThan(before.id().sequence());
      assertThat(after.id().epoch()).isEqualTo(before.id().epoch());
      // Longer than beats may go unanswered before that is said.
      await()
          .during(Duration.ofSeconds(6))
          .atMost(Duration.ofSeconds(30))
          .until(() -> log.failure().isEmpty());
    }
  }

  @Test
  @ExpectWarning(value = "JetStream stores nothing", tolerated = "could not be checked")
  void whatAServerHasThatIsAloneIsNotToldAsAllThereIs() throws Exception {
    try (NatsServers servers = NatsServers.cluster();
        JetStreamLog log =
            JetStreamLog.open(
                JetStreamOptions.of(List.of(servers.get(0).url()), Policies.DEFAULT))) {
      publish(log, "x");
      assertThat(log.head(0).toCompletableFuture().get(30, TimeUnit.SECONDS)).isEqualTo(1);
      servers.get(1).kill();
      servers.get(2).kill();
      // For some seconds it may lead still. After that nats-server tells what it has all the same.
      await()
          .atMost(Duration.ofSeconds(40))
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(
              () ->
                  assertThat(log.head(0).toCompletableFuture())
                      .failsWithin(Duration.ofSeconds(20))
                      .withThrowableThat()
                      .withMessageContaining("no server leads the stream"));
    }
  }

  /** nats-server answers reads for some ten seconds after it has lost the others. */
  @Test
  @ExpectWarning(value = "JetStream stores nothing", tolerated = "could not be checked")
  void whatADeposedLeaderHasIsNotToldOnceOthersMayHaveMore() throws Exception {
    try (NatsServers servers = NatsServers.cluster()) {
      try (JetStreamLog log = open(servers.urls())) {
        publish(log, "x");
      }
      NatsServer leader = leader(servers);
      try (JetStreamLog log = open(leader.url())) {
        Topic topic = new Topic("a");
        ReadRequest history =
            new ReadRequest(0, List.of(TopicPattern.of(topic)), 1 << 20, 100, 1 << 20, false);
        Map<String, Supplier<CompletionStage<?>>> questions =
            Map.of(
                "the latest", () -> log.latest(topic),
                "history", () -> log.readBackward(history),
                "what is held of a topic", () -> log.state(topic),
                "a list", () -> log.topics("", "", 10),
                "a place", () -> log.placeAt(0, Instant.EPOCH));
        questions.forEach(
            (what, question) ->
                assertThat(question.get().toCompletableFuture())
                    .as(what)
                    .succeedsWithin(Duration.ofSeconds(20)));
        long begin = System.nanoTime();
        servers.servers().stream().filter(server -> server != leader).forEach(NatsServer::kill);
        Map<String, Long> lastNanos = new ConcurrentHashMap<>();
        await()
            .pollInterval(Duration.ofMillis(100))
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> {
                  questions.forEach(
                      (what, question) ->
                          question
                              .get()
                              .thenRun(() -> lastNanos.put(what, System.nanoTime() - begin)));
                  return System.nanoTime() - begin > ANSWERED_ALONE.toNanos();
                });
        assertThat(lastNanos)
            .allSatisfy((what, nanos) -> assertThat(nanos).isLessThan(ELECTED.toNanos()));
      }
    }
  }

  private static JetStreamLog open(String url) {
    return JetStreamLog.open(JetStreamOptions.of(List.of(url.split(",")), Policies.DEFAULT));
  }

  private static Appended.Stored stored(JetStreamLog log, Append append) {
    List<Appended> outcomes = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              outcomes.clear();
              outcomes.addAll(
                  log.append(List.of(append)).toCompletableFuture().get(30, TimeUnit.SECONDS));
              return outcomes.get(0) instanceof Appended.Stored;
            });
    return (Appended.Stored) outcomes.get(0);
  }

  private static void start(NatsServer server) {
    try {
      server.start();
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static NatsServer connected(NatsServers servers, JetStreamLog log) {
    return servers.servers().stream()
        .filter(server -> server.url().equals(log.connectedTo()))
        .findFirst()
        .orElse(servers.get(0));
  }

  /** Until it is stored, with one key. */
  private static void publish(JetStreamLog log, String text) {
    Append append =
        Append.of(new Topic("a"), "text/plain", Payload.of(text)).withKey("key " + text);
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                log.append(List.of(append)).toCompletableFuture().get(30, TimeUnit.SECONDS).get(0)
                    instanceof Appended.Stored);
  }

  private static NatsServer leader(NatsServers servers) throws Exception {
    try (Connection connection = Nats.connect(servers.get(0).url())) {
      String leader =
          connection
              .jetStreamManagement()
              .getStreamInfo("posthaste_0")
              .getClusterInfo()
              .getLeader();
      return servers.servers().stream()
          .filter(server -> server.name().equals(leader))
          .findFirst()
          .orElseThrow();
    }
  }

  private static List<String> texts(JetStreamLog log) throws Exception {
    List<String> texts = new ArrayList<>();
    long place = 0;
    while (true) {
      Page page =
          log.read(new ReadRequest(0, List.of(new TopicPattern("a")), place, 1_000, 1 << 20, false))
              .toCompletableFuture()
              .get(30, TimeUnit.SECONDS);
      page.messages().stream().map(Message::payload).map(Payload::utf8).forEach(texts::add);
      place = page.through();
      if (!page.more()) {
        return texts;
      }
    }
  }
}
