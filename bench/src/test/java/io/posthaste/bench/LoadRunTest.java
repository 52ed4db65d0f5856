package io.posthaste.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.bench.FaultyServer.Fault;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against a server that does one thing wrong, the counts must be exact. */
class LoadRunTest {
  private static final int READERS = 6;
  private static final int MESSAGES = 20;

  @ParameterizedTest
  @EnumSource(
      value = Technique.class,
      names = {"SSE", "WEBSOCKET", "LONG_POLL"})
  void seesNothingWrongWhereNothingIs(Technique technique) throws Exception {
    Result result = run(Fault.NONE, load(technique));

    assertThat(result.isFlawless()).as(result.json()).isTrue();
    assertThat(result.acknowledged()).isEqualTo(MESSAGES);
    assertThat(result.expected()).isEqualTo(MESSAGES * READERS);
    assertThat(result.received()).isEqualTo(MESSAGES * READERS);
    assertThat(result.latency().p50()).isPositive();
    assertThat(result.ack().p50()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(
      value = Technique.class,
      names = {"SSE", "WEBSOCKET", "LONG_POLL"})
  void countsWhatWasLost(Technique technique) throws Exception {
    Result result = run(Fault.LOSES, load(technique));

    assertThat(result.lost()).as(result.json()).isEqualTo(READERS);
    assertThat(result.received()).isEqualTo((MESSAGES - 1) * READERS);
    assertThat(result.duplicates()).isZero();
    assertThat(result.isFlawless()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = Technique.class,
      names = {"SSE", "WEBSOCKET", "LONG_POLL"})
  void countsWhatCameTwice(Technique technique) throws Exception {
    Result result = run(Fault.DOUBLES, load(technique));

    assertThat(result.duplicates()).as(result.json()).isEqualTo(READERS);
    assertThat(result.received()).isEqualTo(MESSAGES * READERS);
    assertThat(result.lost()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Technique.class,
      names = {"SSE", "WEBSOCKET", "LONG_POLL"})
  void countsWhatCameOutOfOrder(Technique technique) throws Exception {
    Result result = run(Fault.SWAPS, load(technique));

    assertThat(result.outOfOrder()).as(result.json()).isEqualTo(READERS);
    assertThat(result.received()).isEqualTo(MESSAGES * READERS);
    assertThat(result.lost()).isZero();
    assertThat(result.duplicates()).isZero();
  }

  @Test
  void doesNotExpectWhatWasRefused() throws Exception {
    Result result = run(Fault.REFUSES, load(Technique.SSE));

    assertThat(result.failedPublishes()).isEqualTo(1);
    assertThat(result.lost()).isZero();
    assertThat(result.expected()).isEqualTo((MESSAGES - 1) * READERS);
    assertThat(result.firstFailure()).isEqualTo("a publish was answered with 507");
  }

  @Test
  void noticesAPayloadThatCannotBeRead() throws Exception {
    Result result = run(Fault.GARBLES, load(Technique.SSE));

    assertThat(result.stray()).as(result.json()).isEqualTo(READERS);
    assertThat(result.received()).isEqualTo(MESSAGES * READERS);
  }

  @Test
  void noticesAReaderThatIsCutOff() throws Exception {
    Result result = run(Fault.CLOSES, load(Technique.SSE));

    assertThat(result.lostConnections()).isEqualTo(1);
    assertThat(result.lost()).isPositive();
  }

  @Test
  void keepsTopicsApart() throws Exception {
    Result result = run(Fault.NONE, load(Technique.SSE).overTopics(3));

    assertThat(result.isFlawless()).as(result.json()).isTrue();
    assertThat(result.received()).isEqualTo(MESSAGES * READERS / 3);
  }

  @Test
  void expectsNothingOnTopicsThatNobodyPublishesTo() throws Exception {
    Result result = run(Fault.NONE, load(Technique.SSE).overTopics(6, 1));

    assertThat(result.isFlawless()).as(result.json()).isTrue();
    assertThat(result.received()).isEqualTo(MESSAGES);
  }

  @Test
  void carriesManyReadersOnAWebSocket() throws Exception {
    Load load = load(Technique.WEBSOCKET).subscriptions(5, 10);
    try (FaultyServer server = new FaultyServer(Fault.LOSES)) {
      Target target = Target.posthasteSubscriptions("127.0.0.1", server.port());
      Result result = LoadRun.run(target, load.publishing(50, 500), 0);

      // Ten topics of five messages; each lacks its fourth at its three readers.
      assertThat(result.expected()).as(result.json()).isEqualTo(50 * 3);
      assertThat(result.lost()).isEqualTo(10 * 3);
      assertThat(result.received()).isEqualTo(40 * 3);
    }
  }

  @Test
  void doesNotExpectAnythingOfStalledReaders() throws Exception {
    Result result = run(Fault.NONE, load(Technique.SSE).stalled(2));

    assertThat(result.isFlawless()).as(result.json()).isTrue();
    assertThat(result.received()).isEqualTo(MESSAGES * (READERS - 2));
  }

  @Test
  void readsWhatTheServerUses() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      Target target = Target.posthaste("127.0.0.1", server.port());
      long self = ProcessHandle.current().pid();
      Result result = LoadRun.run(target, load(Technique.SSE), self);

      ServerUse use = java.util.Objects.requireNonNull(result.server());
      assertThat(use.residentBefore()).isPositive();
      assertThat(use.proportionalWaiting()).isPositive();
      assertThat(use.residentPeak()).isPositive();
      assertThat(result.json()).contains("\"cpu_us_per_delivery\":");
    }
  }

  @Test
  void saysWhyReadersDoNotWait() {
    assertThatThrownBy(
            () -> {
              int port;
              try (FaultyServer server = new FaultyServer(Fault.NONE)) {
                port = server.port();
              }
              LoadRun.run(Target.posthaste("127.0.0.1", port), load(Technique.SSE), 0);
            })
        .isInstanceOf(LoadFailedException.class)
        .hasMessageContaining("0 of 6 connections wait: could not connect to");
  }

  @Test
  void refusesToLoadOtherMachines() {
    assertThatThrownBy(() -> Target.posthaste("192.0.2.1", 80))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: a loopback address");
  }

  private static Load load(Technique technique) {
    return Load.fanOut(technique, READERS, MESSAGES, 500)
        .timing(1_000, Duration.ofMillis(50), Duration.ofMillis(300), Duration.ofSeconds(20));
  }

  private static Result run(Fault fault, Load load) throws IOException, InterruptedException {
    try (FaultyServer server = new FaultyServer(fault)) {
      return LoadRun.run(Target.posthaste("127.0.0.1", server.port()), load, 0);
    }
  }
}
