package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.junit.PosthasteExtension;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is closed is over: nothing is called any more, and no thread is left. */
final class ClosingTest {
  @RegisterExtension static final PosthasteExtension SERVER = PosthasteExtension.inMemory();

  /** Threads that clients begin; the process may have some from before, of other tests' clients. */
  private static List<String> threads(Set<Thread> before) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread))
        .map(Thread::getName)
        .filter(name -> name.startsWith("posthaste-") || name.startsWith("HttpClient-"))
        .filter(name -> !name.startsWith("posthaste-log") && !name.startsWith("posthaste-loop"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(
      value = Technique.class,
      names = {"TCP", "WEBSOCKET", "SSE", "LONG_POLL", "SHORT_POLL"})
  void aClosedClientLeavesNoThread(Technique technique) {
    Set<Thread> before = Set.copyOf(Thread.getAllStackTraces().keySet());
    try (Posthaste client = client(technique)) {
      Heard heard = new Heard();
      Subscription subscription = client.subscribe("a", heard);
      client.publish("a", "1");
      heard.next(1);
      Awaitility.await().until(() -> subscription.technique().isPresent());
      assertThat(threads(before)).isNotEmpty();
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              System.gc(); // before JDK 21 the selector's thread ends only by that
              assertThat(threads(before)).isEmpty();
            });
  }

  private static Posthaste client(Technique technique) {
    return Posthaste.builder()
        .node(SERVER.url())
        .tcpPort(SERVER.tcpPort())
        .techniques(technique)
        .build();
  }

  @Test
  void closingWaitsForACallbackThatRuns() throws Exception {
    try (Posthaste client = Posthaste.at(SERVER.url())) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch mayEnd = new CountDownLatch(1);
      AtomicBoolean ended = new AtomicBoolean();
      Subscription subscription =
          client.subscribe(
              "b",
              message -> {
                begun.countDown();
                mayEnd.await();
                ended.set(true);
              });
      client.publish("b", "1");
      assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
      Thread closing = new Thread(subscription::close);
      closing.start();
      Awaitility.await().until(subscription::isClosed);
      assertThat(closing.isAlive()).isTrue();

      mayEnd.countDown();
      closing.join(10_000);

      assertThat(closing.isAlive()).isFalse();
      assertThat(ended).isTrue();
    }
  }

  @Test
  void aCallbackMayCloseItsOwnSubscription() throws Exception {
    try (Posthaste client = Posthaste.at(SERVER.url())) {
      AtomicReference<Subscription> own = new AtomicReference<>();
      CountDownLatch known = new CountDownLatch(1);
      Heard heard = new Heard();
      own.set(
          client.subscribe(
              "c",
              message -> {
                known.await();
                heard.onMessage(message);
                own.get().close();
              }));
      known.countDown();
      client.publish("c", "1");
      client.publish("c", "2");
      assertThat(heard.next(1)).extracting(Message::text).containsExactly("1");
      Awaitility.await().until(() -> own.get().isClosed());
    }
  }

  @Test
  void aClosedClientTakesNoMoreSubscriptions() {
    Posthaste client = Posthaste.at(SERVER.url());
    client.close();
    assertThatThrownBy(() -> client.subscribe("a", message -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> client.publish("a", "1"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
