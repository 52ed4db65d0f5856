package io.posthaste.door.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.Append;
import io.posthaste.core.Condition;
import io.posthaste.core.Cursor;
import io.posthaste.core.Payload;
import io.posthaste.core.Poll;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client against the door. */
@Timeout(60)
class TcpClientTest {
  private static final TopicPattern A = new TopicPattern("a");

  private static final class Heard implements TcpListener {
    final BlockingQueue<Object> all = new LinkedBlockingQueue<>();

    @Override
    public void onMessage(TcpMessage message) {
      all.add(message);
    }

    @Override
    public void onPlace(String cursor) {
      all.add(cursor);
    }

    @Override
    public void onEnded(Throwable reason) {
      all.add(reason);
    }

    <T> T next(Class<T> kind) throws InterruptedException {
      Object next = all.poll(20, TimeUnit.SECONDS);
      assertThat(next).isInstanceOf(kind);
      return kind.cast(next);
    }
  }

  @Test
  void aConfigSaysWhereItCameFrom() throws Exception {
    try (TcpServer server = new TcpServer();
        TcpClient client = TcpClient.connect(server.address).get()) {
      TopicPattern topic = new TopicPattern("config/public/G/a");
      Heard heard = new Heard();
      client.subscribe(Subscription.to(topic, Start.NOW), heard);
      heard.next(String.class);
      client.publish(new Topic("config/public/G/a"), "", Payload.of("1")).get();
      assertThat(heard.next(TcpMessage.class).headers()).containsEntry("address", "127.0.0.1");
    }
  }

  @Test
  void publishesSubscribesAndResumes() throws Exception {
    try (TcpServer server = new TcpServer();
        TcpClient client = TcpClient.connect(server.address).get()) {
      Heard heard = new Heard();
      TcpClient.Subscribed subscribed = client.subscribe(Subscription.to(A, Start.NOW), heard);
      heard.next(String.class);
      Append append =
          Append.of(new Topic("a"), "text/plain", Payload.of("one"))
              .withHeaders(Map.of("by", "me"));
      TcpStored stored = client.publish(append).get();
      TcpMessage message = heard.next(TcpMessage.class);
      assertThat(message.id()).isEqualTo(stored.id()).isEqualTo(message.cursor());
      assertThat(message.payload().utf8()).isEqualTo("one");
      assertThat(message.headers()).containsExactly(Map.entry("by", "me"));
      subscribed.close();

      client.publish(new Topic("a"), "", Payload.of("two")).get();
      Heard again = new Heard();
      client.subscribe(Subscription.to(A, new Start.After(Cursor.parse(message.cursor()))), again);
      again.next(String.class);
      assertThat(again.next(TcpMessage.class).payload().utf8()).isEqualTo("two");
      assertThat(heard.all).isEmpty();
    }
  }

  @Test
  void polls() throws Exception {
    try (TcpServer server = new TcpServer();
        TcpClient client = TcpClient.connect(server.address).get()) {
      assertThat(client.latest(new Topic("a")).get()).isEmpty();
      server.publish("a", "0");
      server.publish("a", "1");
      TcpPage page = client.poll(new Poll(Subscription.to(A, Start.BEGINNING), 1, 0)).get();
      assertThat(page.messages()).extracting(m -> m.payload().utf8()).containsExactly("0");
      assertThat(page.more()).isTrue();
      assertThat(client.latest(new Topic("a")).get().orElseThrow().payload().utf8()).isEqualTo("1");
      client.ack("me", page.next()).get();
      TcpPage rest =
          client.poll(new Poll(Subscription.to(A, new Start.Consumer("me")), 10, 0)).get();
      assertThat(rest.messages()).extracting(m -> m.payload().utf8()).containsExactly("1");
      assertThat(client.publish(Append.tombstone(new Topic("a"))).get().id()).isNotEmpty();
      assertThat(client.publish(Append.tombstone(new Topic("a"))).get().id()).isEmpty();
      assertThat(client.latest(new Topic("a")).get()).isEmpty();
    }
  }

  @Test
  void tellsARefusal() throws Exception {
    try (TcpServer server = new TcpServer();
        TcpClient client = TcpClient.connect(server.address).get()) {
      String latest = server.publish("a", "0").toString();
      Append append = Append.of(new Topic("a"), "", Payload.of("x")).when(Condition.ABSENT);
      assertThatThrownBy(() -> client.publish(append).get())
          .hasCauseInstanceOf(TcpRefusedException.class)
          .extracting(failure -> (TcpRefusedException) failure.getCause())
          .satisfies(refused -> assertThat(refused.code()).isEqualTo("conditionFailed"))
          .satisfies(refused -> assertThat(refused.latest()).isEqualTo(latest));
      Heard first = new Heard();
      Heard second = new Heard();
      client.subscribe(Subscription.to(A, Start.NOW), first);
      client.subscribe(Subscription.to(new TopicPattern("#"), Start.NOW), second);
      assertThat(second.next(TcpRefusedException.class).code()).isEqualTo("topicTaken");
      first.next(String.class);
    }
  }

  @Test
  void tellsThatTheServerHasGone() throws Exception {
    try (TcpServer server = new TcpServer();
        TcpClient client = TcpClient.connect(server.address).get()) {
      Heard heard = new Heard();
      client.subscribe(Subscription.to(A, Start.NOW), heard);
      heard.next(String.class);
      server.shutdown();
      assertThat(client.ended().get(20, TimeUnit.SECONDS)).hasMessageContaining("goes down");
      heard.next(IOException.class);
      assertThat(client.retryMillis()).isPositive();
      assertThatThrownBy(() -> client.publish(new Topic("a"), "", Payload.EMPTY).get())
          .isInstanceOf(ExecutionException.class);
    }
  }

  @Test
  void failsWhereNobodyListens() throws Exception {
    InetSocketAddress nowhere;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nowhere = (InetSocketAddress) socket.getLocalSocketAddress();
    }
    assertThatThrownBy(() -> TcpClient.connect(nowhere).get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("cannot connect");
  }
}
