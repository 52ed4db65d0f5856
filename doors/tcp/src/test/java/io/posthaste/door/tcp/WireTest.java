package io.posthaste.door.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Id;
import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.Ping;
import io.posthaste.door.tcp.v1.Poll;
import io.posthaste.door.tcp.v1.Publish;
import io.posthaste.door.tcp.v1.PublishBatch;
import io.posthaste.door.tcp.v1.ServerFrame;
import io.posthaste.door.tcp.v1.Unsubscribe;
import io.posthaste.server.ConnectionLimits;
import io.posthaste.server.PublishRate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The wire, byte by byte, on real sockets. */
@Timeout(60)
class WireTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @Test
  void theExampleOfTheDocsIsWhatItSays() throws IOException {
    String page = Files.readString(Path.of("../../docs/doors/tcp.md"));
    String block = page.substring(page.indexOf("## A worked example"));
    block = block.substring(block.indexOf("```\n") + 4);
    StringBuilder hex = new StringBuilder();
    for (String line : block.substring(0, block.indexOf("```")).split("\n")) {
      hex.append(line.strip().split("  ")[0].replace(" ", ""));
    }
    try (TcpServer server = new TcpServer();
        RawTcp client = server.connect()) {
      byte[] bytes = HexFormat.of().parseHex(hex);
      int publish = bytes.length - 27;
      client.send(Arrays.copyOf(bytes, publish));
      List<ServerFrame> frames = new ArrayList<>();
      frames.add(client.next());
      frames.add(client.next());
      client.send(Arrays.copyOfRange(bytes, publish, bytes.length));
      frames.add(client.next());
      frames.add(client.next());
      assertThat(frames.get(0).getWelcome().getEpoch()).isEqualTo(server.hub().epoch());
      assertThat(frames).filteredOn(f -> f.getRef() == 2 && f.hasDone()).hasSize(1);
      assertThat(frames).filteredOn(f -> f.getRef() == 1 && f.hasDone()).hasSize(1);
      assertThat(frames)
          .filteredOn(ServerFrame::hasMessage)
          .singleElement()
          .satisfies(f -> assertThat(f.getRef()).isEqualTo(1))
          .satisfies(f -> assertThat(f.getMessage().getPayload().toStringUtf8()).isEqualTo("hi"))
          .satisfies(f -> assertThat(f.getMessage().getType()).isEqualTo("text/plain"));
    }
  }

  @Test
  void takesFramesHoweverTheyAreTorn() throws IOException {
    byte[] all =
        RawTcp.bytes(
            RawTcp.hello(), RawTcp.publish(1, "a", "x".repeat(300)), RawTcp.publish(2, "a", "y"));
    try (TcpServer server = new TcpServer();
        RawTcp client = server.connect()) {
      for (byte each : all) {
        client.send(new byte[] {each});
      }
      assertThat(client.next().hasWelcome()).isTrue();
      assertThat(client.next().getRef()).isEqualTo(1);
      assertThat(client.next().getRef()).isEqualTo(2);
    }
  }

  @Test
  void answersManyPipelinedPublicationsInOrderAndAllAreThere() throws IOException {
    int count = 5_000;
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 1; i <= count; i++) {
      all.writeBytes(RawTcp.bytes(RawTcp.publish(i, "a", "" + i)));
    }
    try (TcpServer server = new TcpServer();
        RawTcp client = server.connect().greet();
        RawTcp reader = server.connect().greet()) {
      reader.send(RawTcp.subscribe(1, "0", "a"));
      assertThat(reader.next().hasDone()).isTrue();
      client.send(all.toByteArray());
      long[] refs = LongStream.range(0, count).map(i -> ref(client)).toArray();
      assertThat(refs).isEqualTo(LongStream.rangeClosed(1, count).toArray());
      for (int i = 1; i <= count; i++) {
        assertThat(reader.next().getMessage().getPayload().toStringUtf8()).isEqualTo("" + i);
      }
    }
  }

  private static long ref(RawTcp client) {
    try {
      ServerFrame frame = client.next();
      assertThat(frame.getDone().getId()).isNotEmpty();
      return frame.getRef();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aBatchIsJudgedMessageByMessage() throws IOException {
    Publish.Builder good = Publish.newBuilder().setTopic("a");
    PublishBatch.Builder batch =
        PublishBatch.newBuilder()
            .addMessages(good)
            .addMessages(Publish.newBuilder().setTopic("a/#"))
            .addMessages(Publish.newBuilder().setTopic("$a"))
            .addMessages(Publish.newBuilder().setTopic("a").setMatch("none"))
            .addMessages(good);
    try (TcpServer server = new TcpServer();
        RawTcp client = server.connect().greet()) {
      client.send(ClientFrame.newBuilder().setRef(3).setPublishBatch(batch).build());
      ServerFrame done = client.next();
      assertThat(done.getRef()).isEqualTo(3);
      assertThat(done.getDone().getOutcomesList())
          .extracting(outcome -> outcome.getError().getName())
          .containsExactly("", "malformed", "reserved", "conditionFailed", "");
      assertThat(done.getDone().getOutcomes(0).getId()).isNotEmpty();
      assertThat(done.getDone().getOutcomes(3).getError().getLatest())
          .isEqualTo(done.getDone().getOutcomes(0).getId());
    }
  }

  @Test
  void aFrameTooLargeIsSkippedAndTheNextIsTaken() throws IOException {
    try (TcpServer server = new TcpServer();
        RawTcp client = server.connect().greet()) {
      client.send(RawTcp.publish(1, "a", "x".repeat(3 << 20)), RawTcp.publish(2, "a", "y"));
      ServerFrame refused = client.next();
      assertThat(refused.getRef()).isEqualTo(1);
      assertThat(refused.getError().getName()).isEqualTo("tooLarge");
      assertThat(refused.getError().getClosing()).isFalse();
      assertThat(client.next().getDone().getId()).isNotEmpty();
    }
  }

  @Test
  void aHeldPollIsAnsweredByWhatIsPublishedAndTooManyAreBusy() throws IOException {
    ClientFrame.Builder poll =
        ClientFrame.newBuilder().setPoll(Poll.newBuilder().addTopics("a").setWaitMillis(30_000));
    try (TcpServer server = new TcpServer(TcpServer.heartbeat(10_000), ConnectionLimits.DEFAULT);
        RawTcp client = server.connect().greet()) {
      client.send(poll.setRef(1).build(), poll.setRef(2).build(), poll.setRef(3).build());
      ServerFrame busy = client.next();
      assertThat(busy.getRef()).isEqualTo(3);
      assertThat(busy.getError().getName()).isEqualTo("busy");
      assertThat(busy.getError().getRetry()).isTrue();
      await().atMost(LONG).until(() -> server.hub().stats().polls() == 2);
      Id id = server.publish("a", "x");
      List<Long> answered = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        assertThat(client.next().getMessage().getId()).isEqualTo(id.toString());
        answered.add(client.next().getRef());
      }
      assertThat(answered).containsExactlyInAnyOrder(1L, 2L);
    }
  }

  @Test
  void theTopicsOfAllReadersTogetherAreBounded() throws IOException {
    String[] most = topics(399);
    try (TcpServer server = new TcpServer(TcpServer.heartbeat(10_000), ConnectionLimits.DEFAULT);
        RawTcp client = server.connect().greet()) {
      client.send(RawTcp.subscribe(1, "", most));
      assertThat(client.next().hasDone()).isTrue();
      client.send(RawTcp.subscribe(2, "", "a", "b/#"));
      ServerFrame refused = client.next();
      assertThat(refused.getRef()).isEqualTo(2);
      assertThat(refused.getError().getName()).isEqualTo("malformed");
      assertThat(refused.getError().getMessage())
          .isEqualTo("topics: this connection has 399 (expected: at most 400 in all)");
      client.send(RawTcp.subscribe(3, "", "a"));
      assertThat(client.next().hasDone()).isTrue();
      client.send(unsubscribe(1));
      assertThat(client.next().hasDone()).isTrue();
      client.send(RawTcp.subscribe(1, "", most));
      assertThat(client.next().hasDone()).isTrue();
    }
  }

  private static String[] topics(int count) {
    return IntStream.range(0, count).mapToObj(i -> "many/" + i).toArray(String[]::new);
  }

  private static ClientFrame unsubscribe(long ref) {
    return ClientFrame.newBuilder()
        .setRef(ref)
        .setUnsubscribe(Unsubscribe.getDefaultInstance())
        .build();
  }

  @Test
  void nothingComesAfterUnsubscribing() throws IOException {
    try (TcpServer server = new TcpServer();
        RawTcp client = server.connect().greet()) {
      client.send(RawTcp.subscribe(1, "", "a"));
      assertThat(client.next().hasDone()).isTrue();
      client.send(unsubscribe(1));
      assertThat(client.next().hasDone()).isTrue();
      server.publish("a", "unheard");
      client.send(ClientFrame.newBuilder().setRef(4).setPing(Ping.getDefaultInstance()).build());
      ServerFrame pong = client.next();
      assertThat(pong.hasPong()).isTrue();
      assertThat(pong.getRef()).isEqualTo(4);
    }
  }

  @Test
  void pingsAQuietClientAndLetsOneGoThatIsSilent() throws IOException {
    try (TcpServer server = new TcpServer(TcpServer.heartbeat(200), ConnectionLimits.DEFAULT);
        RawTcp client = server.connect().greet()) {
      client.send(RawTcp.subscribe(1, "", "a"));
      List<ServerFrame> frames = new ArrayList<>();
      for (ServerFrame next = client.read(); next != null; next = client.read()) {
        frames.add(next);
      }
      assertThat(frames).filteredOn(ServerFrame::hasPing).isNotEmpty();
      ServerFrame last = frames.get(frames.size() - 1);
      assertThat(last.getError().getName()).isEqualTo("silent");
      assertThat(last.getError().getClosing()).isTrue();
    }
  }

  @Test
  void aClientThatAnswersPingsStays() throws IOException {
    try (TcpServer server = new TcpServer(TcpServer.heartbeat(100), ConnectionLimits.DEFAULT);
        RawTcp client = server.connect().greet()) {
      client.send(RawTcp.subscribe(1, "", "a"));
      for (int pings = 0; pings < 12; ) {
        ServerFrame frame = client.read();
        assertThat(frame).isNotNull();
        assertThat(frame.hasError()).isFalse();
        if (frame.hasPing()) {
          pings++;
          client.pong();
        }
      }
    }
  }

  @Test
  void aQuietReaderIsToldWhereTheLogHasMovedTo() throws IOException {
    try (TcpServer server = new TcpServer(TcpServer.heartbeat(100), ConnectionLimits.DEFAULT);
        RawTcp client = server.connect().greet()) {
      client.send(RawTcp.subscribe(1, "", "a"));
      String began = client.next().getDone().getNext();
      Id other = server.publish("b", "elsewhere");
      ServerFrame place = client.next();
      assertThat(place.getRef()).isEqualTo(1);
      assertThat(place.getDone().getNext()).isNotEqualTo(began).isEqualTo(other.toString());
    }
  }

  @Test
  void aByteNowAndThenIsNoHello() throws IOException {
    TcpOptions hasty =
        new TcpOptions(
            "test",
            Duration.ofMillis(300),
            Duration.ofSeconds(25),
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            10,
            10,
            10,
            10,
            1 << 20,
            PublishRate.UNLIMITED);
    try (TcpServer server = new TcpServer(hasty, ConnectionLimits.DEFAULT);
        RawTcp client = server.connect()) {
      client.send(Arrays.copyOf(RawTcp.bytes(RawTcp.hello()), 3));
      assertThat(client.read().getError().getName()).isEqualTo("helloExpected");
      assertThat(client.read()).isNull();
      await().atMost(LONG).until(() -> server.loops.traffic().connections() == 0);
    }
  }

  @Test
  void answersWhatWasAskedByAClientThatSendsNoMore() throws IOException {
    try (TcpServer server = new TcpServer();
        RawTcp client = server.connect()) {
      client.send(RawTcp.hello(), RawTcp.publish(1, "a", "x"), RawTcp.publish(2, "a", "y"));
      client.socket.shutdownOutput();
      assertThat(client.next().hasWelcome()).isTrue();
      assertThat(client.next().getDone().getId()).isNotEmpty();
      assertThat(client.next().getDone().getId()).isNotEmpty();
      assertThat(client.read()).isNull();
    }
  }

  @Test
  void saysGoodbyeAndAnswersHeldPollsWhenItGoesDown() throws Exception {
    try (TcpServer server = new TcpServer();
        RawTcp client = server.connect().greet()) {
      client.send(
          RawTcp.subscribe(1, "", "a"),
          ClientFrame.newBuilder()
              .setRef(2)
              .setPoll(Poll.newBuilder().addTopics("b").setWaitMillis(30_000))
              .build());
      assertThat(client.next().getRef()).isEqualTo(1);
      await().atMost(LONG).until(() -> server.hub().stats().polls() == 1);
      Thread down = new Thread(server::shutdown);
      down.start();
      ServerFrame answer = client.next();
      while (!answer.hasGoodbye()) {
        assertThat(answer.hasDone()).isTrue();
        answer = client.next();
      }
      assertThat(answer.getGoodbye().getRetryMillis()).isPositive();
      assertThat(client.read()).isNull();
      down.join();
    }
  }

  @Test
  void leavesNothingBehind() throws IOException {
    try (TcpServer server = new TcpServer()) {
      long before = server.deadlines();
      for (int i = 0; i < 200; i++) {
        try (RawTcp client = server.connect()) {
          client.send(
              RawTcp.hello(),
              RawTcp.subscribe(1, "0", "a", "b/#"),
              RawTcp.publish(2, "a", "x"),
              RawTcp.publish(3, "b/c", "x"));
          if (i % 3 == 0) {
            client.send(new byte[] {100, 8, 1}); // torn
          }
          if (i % 2 == 0) {
            assertThat(client.next().hasWelcome()).isTrue();
          }
        }
      }
      await().atMost(LONG).until(() -> server.loops.traffic().connections() == 0);
      await().atMost(LONG).until(() -> server.hub().stats().readers() == 0);
      await().atMost(LONG).until(() -> server.deadlines() <= before);
    }
  }
}
