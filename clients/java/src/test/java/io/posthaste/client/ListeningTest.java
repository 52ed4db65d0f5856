package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.junit.PosthasteExtension;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a listener is told, and what it may do wrong. */
final class ListeningTest {
  @RegisterExtension
  static final PosthasteExtension SERVER = PosthasteExtension.inMemory().with("heartbeat", "500ms");

  private static PosthasteBuilder builder() {
    return Posthaste.builder()
        .node(SERVER.url())
        .tcpPort(SERVER.tcpPort())
        .longPollWait(Duration.ofSeconds(2))
        .shortPollInterval(Duration.ofMillis(50))
        .backoff(Duration.ofMillis(50), Duration.ofMillis(500));
  }

  @Test
  void aWebSocketThatEndsRightBehindAMessageIsNoticed() throws Exception {
    URI server = URI.create(SERVER.url());
    try (FaultyProxy proxy =
            new FaultyProxy(new InetSocketAddress(server.getHost(), server.getPort()));
        Posthaste direct = Posthaste.at(SERVER.url());
        Posthaste client =
            Posthaste.builder()
                .node(proxy.url())
                .techniques(Technique.WEBSOCKET)
                .backoff(Duration.ofMillis(20), Duration.ofMillis(50))
                .build()) {
      Heard heard = new Heard();
      Subscription subscription = client.subscribe("cut/behind", heard);
      for (int i = 0; i < 30; i++) { // each one was missed in one of five
        Awaitility.await().until(() -> subscription.technique().isPresent());
        direct.publish("cut/behind", "" + i);
        proxy.cut();
        assertThat(heard.next(1)).extracting(Message::text).containsExactly("" + i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Technique.class,
      names = {"TCP", "WEBSOCKET", "SSE", "LONG_POLL", "SHORT_POLL"})
  void isToldWhatWasMissedWhenTheServerLostIt(Technique technique) {
    try (Posthaste client = builder().techniques(technique).build()) {
      Heard heard = new Heard();
      client.subscribe("lost/" + technique, heard);
      client.publish("lost/" + technique, "1");
      heard.next(1);

      SERVER.restart(); // and so another log

      heard.awaitMissed();
      client.publish("lost/" + technique, "2");
      assertThat(heard.next(1)).extracting(Message::text).containsExactly("2");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Technique.class,
      names = {"TCP", "WEBSOCKET", "SSE"})
  void comesBackWhenTheServerThatGoesDownSaid(Technique technique) {
    List<Duration> pauses = new CopyOnWriteArrayList<>();
    try (Posthaste client = builder().techniques(technique).build()) {
      Subscription subscription =
          client.subscribe(
              "told",
              new Listener() {
                @Override
                public void onMessage(Message message) {}

                @Override
                public void onTrouble(Exception why, int failures, Duration pause) {
                  pauses.add(pause);
                }
              });
      Awaitility.await().until(() -> subscription.technique().isPresent());
      SERVER.restart();
      Awaitility.await().until(() -> !pauses.isEmpty());
      // The server says something between 500 ms and 5 s, the back-off would be 50 ms at first.
      assertThat(pauses.get(0)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(5));
    }
  }

  @Test
  void aStreamOnWhichNothingComesAnyMoreIsBegunAnew() throws Exception {
    URI url = URI.create(SERVER.url());
    try (FaultyProxy proxy = new FaultyProxy(new InetSocketAddress(url.getHost(), url.getPort()));
        Posthaste client =
            Posthaste.builder()
                .node(proxy.url())
                .techniques(Technique.SSE)
                .silenceLimit(Duration.ofSeconds(2))
                .backoff(Duration.ofMillis(50), Duration.ofMillis(500))
                .build();
        Posthaste direct = Posthaste.at(SERVER.url())) {
      Heard heard = new Heard();
      Subscription subscription = client.subscribe("dumb", heard);
      Awaitility.await().until(() -> subscription.technique().isPresent());
      proxy.freeze();
      direct.publish("dumb", "1");
      assertThat(heard.next(1)).extracting(Message::text).containsExactly("1");
    }
  }

  @Test
  void whatItThrowsIsLoggedAndTheNextMessageComes() {
    Heard heard = new Heard();
    try (Posthaste client = builder().build()) {
      client.subscribe(
          "thrown",
          message -> {
            heard.onMessage(message);
            throw new IllegalStateException("thrown by a test's listener, as it should be");
          });
      client.publish("thrown", "1");
      client.publish("thrown", "2");
      assertThat(heard.next(2)).extracting(Message::text).containsExactly("1", "2");
    }
  }

  @Test
  void howeverSlowItIsHardlyAnythingIsReadAhead() throws Exception {
    URI url = URI.create(SERVER.url());
    for (Technique technique : Behaviours.TECHNIQUES.values()) {
      String topic = "slow/" + technique;
      try (FaultyProxy proxy =
              new FaultyProxy(new InetSocketAddress(url.getHost(), url.getPort()));
          FaultyProxy tcp =
              new FaultyProxy(new InetSocketAddress(url.getHost(), SERVER.tcpPort()), false);
          Posthaste client =
              Posthaste.builder()
                  .node(proxy.url())
                  .tcpPort(tcp.port())
                  .techniques(technique)
                  .build();
          Posthaste direct = Posthaste.at(SERVER.url())) {
        Heard heard = new Heard();
        Subscription subscription = client.subscribe(topic, heard);
        Awaitility.await().until(() -> subscription.technique().isPresent());
        heard.pause();
        byte[] large = new byte[200_000];
        for (int i = 0; i < 300; i++) {
          direct.publish(Publication.bytes(topic, "application/octet-stream", large));
        }
        AtomicLong before = new AtomicLong(-1);
        Awaitility.await("no more is taken")
            .atMost(Duration.ofMinutes(1))
            .pollInterval(Duration.ofMillis(500))
            .until(() -> taken(proxy, tcp), now -> before.getAndSet(now) == now);
        // 60 MB of payloads, 80 MB as base64; sockets' buffers and a page of polls take their part.
        assertThat(taken(proxy, tcp)).as(topic).isLessThan(30_000_000);
        heard.resume();
        heard.next(300);
      }
    }
  }

  private static long taken(FaultyProxy one, FaultyProxy other) {
    return one.answeredBytes() + other.answeredBytes();
  }

  @Test
  void moreTopicsThanAUrlHoldsAreCarriedByAWebSocket() {
    List<String> topics =
        IntStream.range(0, 5_000).mapToObj(i -> "many/of/these/topics/" + i).toList();
    try (Posthaste client = builder().build()) {
      Heard heard = new Heard();
      Subscription subscription = client.subscribe(Reading.of(topics), heard);
      Awaitility.await()
          .until(() -> subscription.technique().equals(Optional.of(Technique.WEBSOCKET)));
      client.publish(topics.get(4_999), "1");
      assertThat(heard.next(1)).extracting(Message::text).containsExactly("1");
    }
  }

  @Test
  void aServerThatCannotBeReachedIsNoReasonToFail() {
    SERVER.stop();
    Heard heard = new Heard();
    try (Posthaste client = builder().build()) {
      Subscription subscription = client.subscribe(Reading.of("late").fromTheBeginning(), heard);
      assertThat(subscription.technique()).isEmpty();
      SERVER.start();
      client.publish("late", "1");
      assertThat(heard.next(1)).extracting(Message::text).containsExactly("1");
    }
  }

  @ParameterizedTest
  @EnumSource(Technique.class)
  void isToldWhenItIsRefusedOnlyLater(Technique technique) {
    SERVER.stop();
    List<String> codes = new CopyOnWriteArrayList<>();
    try (Posthaste client = builder().techniques(technique).build()) {
      Subscription subscription =
          client.subscribe(
              "bad/#/pattern",
              new Listener() {
                @Override
                public void onMessage(Message message) {}

                @Override
                public void onRefused(RefusedException why) {
                  codes.add(why.code());
                }
              });
      SERVER.start();
      Awaitility.await().until(subscription::isClosed);
      assertThat(codes).containsExactly("malformed");
    }
  }

  @Test
  void tcpIsTakenIfItWasAskedForAndTriedAgainWhereItWasBlocked() throws Exception {
    try (FaultyProxy proxy =
            new FaultyProxy(new InetSocketAddress("127.0.0.1", SERVER.tcpPort()), false);
        Posthaste client =
            builder()
                .tcpPort(proxy.port())
                .techniques(Technique.WEBSOCKET, Technique.TCP)
                .retryBetterAfter(Duration.ofMillis(200))
                .build()) {
      Heard heard = new Heard();
      Subscription subscription = client.subscribe("tcp/#", heard);
      Awaitility.await().until(() -> subscription.technique().equals(Optional.of(Technique.TCP)));
      client.publish("tcp/a", "1");
      proxy.become(new FaultyProxy.Faults(true, false, false, false, 0, 0));
      client.publish("tcp/b", "2");
      Awaitility.await()
          .until(() -> subscription.technique().equals(Optional.of(Technique.WEBSOCKET)));
      client.publish("tcp/c", "3");
      proxy.become(FaultyProxy.Faults.NONE);
      Awaitility.await().until(() -> subscription.technique().equals(Optional.of(Technique.TCP)));
      client.publish("tcp/d", "4");
      assertThat(heard.next(4)).extracting(Message::text).containsExactly("1", "2", "3", "4");
    }
  }

  @Test
  void aRequestSaysWhoCouldNotBeReached() {
    try (Posthaste client =
        Posthaste.builder()
            .node("http://127.0.0.1:1")
            .requestLimit(Duration.ofMillis(300))
            .build()) {
      assertThatThrownBy(() -> client.publish("a", "1"))
          .isInstanceOf(UnreachableException.class)
          .hasMessageContaining("http://127.0.0.1:1 cannot be reached");
    }
  }

  @Test
  void anAddressThatIsNoneIsRefused() {
    for (String address : List.of("localhost:8080", "ftp://a", "http://", "http://a b", "")) {
      assertThatThrownBy(() -> Posthaste.at(address))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("(expected: one such as http://127.0.0.1:8080)");
    }
  }
}
