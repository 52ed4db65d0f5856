package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShutdownTest {
  private final TestServer server = new TestServer();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void bringsEveryKindOfConnectionToItsEnd() throws Exception {
    try (RawClient idle = server.connect();
        RawClient held = server.connect();
        RawClient stream = server.connect();
        RawClient socket = server.connect()) {
      idle.get("/hello").answer();
      held.get("/hold");
      server.held.take();
      stream.get("/stream").head();
      stream.chunk();
      socket.send(WebSocketTest.HANDSHAKE).head();
      server.nextStream();
      server.nextStream();

      CompletableFuture<Void> drained = server.loops.drain(Duration.ofSeconds(10));

      assertThat(idle.isClosed()).isTrue();
      RawClient.Answer answer = held.answer();
      assertThat(answer.body()).isEqualTo("nothing yet");
      assertThat(answer.headers()).containsEntry("Connection", "close");
      String retry = stream.chunk();
      assertThat(retry).startsWith("retry: ");
      assertThat(Integer.parseInt(retry.substring(7).strip())).isBetween(500, 5_000);
      assertThat(stream.chunk()).isEmpty();
      assertThat(stream.isClosed()).isTrue();
      assertThat(socket.bytes(4)).startsWith(0x88, 9, 1012 >> 8, 1012 & 0xff);
      assertThat(socket.text(7)).isEqualTo("restart");
      socket.send(WebSocketTest.frame(8, WebSocketTest.closeBody(1012)));
      assertThat(socket.isClosed()).isTrue();
      drained.get(10, TimeUnit.SECONDS);
      assertThat(server.loops.traffic().connections()).isZero();
      assertThat(server.deadlines()).isZero();
    }
  }

  @Test
  void movesConnectionsOnSomeAfterOthers() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        RawClient client = server.connect();
        client.get("/hello").answer();
        clients.add(client);
      }
      long began = System.nanoTime();
      server.loops.drain(Duration.ofMillis(800), Duration.ofSeconds(10)).get(20, TimeUnit.SECONDS);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(400));
      for (RawClient client : clients) {
        assertThat(client.isClosed()).isTrue();
      }
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void cutsWhoeverDoesNotEndInTime() throws Exception {
    try (RawClient socket = server.connect()) {
      socket.send(WebSocketTest.HANDSHAKE).head();
      server.nextStream();
      server.loops.drain(Duration.ofMillis(300)).get(10, TimeUnit.SECONDS);
      assertThat(server.loops.traffic().connections()).isZero();
    }
  }

  @Test
  void acceptsNothingFurther() throws Exception {
    server.loops.drain(Duration.ofMillis(300)).get(10, TimeUnit.SECONDS);
    try (RawClient late = server.connect()) {
      assertThat(late.isClosed()).isTrue();
    } catch (java.net.ConnectException refused) {
      assertThat(refused).isNotNull();
    }
  }
}
