package io.posthaste.door.tcp;

import static io.posthaste.door.tcp.RawTcp.hello;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Message;
import io.posthaste.core.Poll;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.ErrorCode;
import io.posthaste.door.tcp.v1.Join;
import io.posthaste.door.tcp.v1.Leave;
import io.posthaste.door.tcp.v1.ServerFrame;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Being somewhere for as long as a connection lasts. */
@Timeout(60)
final class PresenceTest {
  private static ClientFrame join(long ref, String place, String as, String device) {
    return ClientFrame.newBuilder()
        .setRef(ref)
        .setJoin(Join.newBuilder().setPlace(place).setAs(as).setDevice(device))
        .build();
  }

  private static ClientFrame leave(long ref) {
    return ClientFrame.newBuilder().setRef(ref).setLeave(Leave.getDefaultInstance()).build();
  }

  private static List<Message> there(TcpServer server) throws Exception {
    Subscription all =
        new Subscription(
            List.of(new TopicPattern("$presence/room/+/+")), new Start.Beginning(), true);
    return server.hub().poll(new Poll(all, 100, 0)).get(20, TimeUnit.SECONDS).messages().stream()
        .filter(message -> !message.deleted())
        .toList();
  }

  private static void awaitThere(TcpServer server, String... expected) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(there(server))
                    .extracting(message -> message.topic().name())
                    .containsExactlyInAnyOrder(expected));
  }

  private static ErrorCode error(RawTcp client) throws IOException {
    ServerFrame frame = client.next();
    assertThat(frame.hasError()).as("%s", frame).isTrue();
    return frame.getError().getCode();
  }

  @Test
  void whoJoinsIsThereUntilItLeavesOrGoes() throws Exception {
    try (TcpServer server = new TcpServer()) {
      try (RawTcp client = server.connect().greet()) {
        client.send(join(1, "room", "alice", "phone"), join(2, "room", "bob", "desk"));
        assertThat(client.next().hasDone()).isTrue();
        assertThat(client.next().hasDone()).isTrue();
        awaitThere(server, "$presence/room/alice/phone", "$presence/room/bob/desk");
        assertThat(there(server).get(0).payload().utf8()).contains("\"door\":\"tcp\"");
        client.send(leave(1));
        assertThat(client.next().hasDone()).isTrue();
        awaitThere(server, "$presence/room/bob/desk");
      }
      awaitThere(server); // some seconds after the connection has gone
    }
  }

  @Test
  void theClientJoinsAndLeaves() throws Exception {
    try (TcpServer server = new TcpServer();
        TcpClient client = TcpClient.connect(server.address).get(20, TimeUnit.SECONDS)) {
      TcpClient.Joined phone = client.join("room", "alice", "phone").get(20, TimeUnit.SECONDS);
      client.join("room", "alice", "desk").get(20, TimeUnit.SECONDS);
      awaitThere(server, "$presence/room/alice/phone", "$presence/room/alice/desk");
      phone.leave().get(20, TimeUnit.SECONDS);
      awaitThere(server, "$presence/room/alice/desk");
      assertThat(phone.leave())
          .failsWithin(Duration.ofSeconds(20))
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(TcpRefusedException.class);
      assertThat(client.join("room", "a/b", ""))
          .failsWithin(Duration.ofSeconds(20))
          .withThrowableThat()
          .havingCause()
          .withMessageContaining("a/b");
    }
  }

  @Test
  void whatIsAskedWronglyIsAnswered() throws Exception {
    try (TcpServer server = new TcpServer();
        RawTcp client = server.connect()) {
      client.send(hello());
      client.next();
      client.send(join(1, "room", "a/b", ""), join(1, "", "a", ""), join(1, "room", "", ""));
      assertThat(error(client)).isEqualTo(ErrorCode.MALFORMED);
      assertThat(error(client)).isEqualTo(ErrorCode.MALFORMED);
      assertThat(error(client)).isEqualTo(ErrorCode.MALFORMED);
      client.send(leave(1));
      assertThat(error(client)).isEqualTo(ErrorCode.UNKNOWN_REF);
      for (int i = 1; i <= 16; i++) {
        client.send(join(i, "room", "one" + i, ""));
        assertThat(client.next().hasDone()).isTrue();
      }
      client.send(join(1, "room", "x", ""), join(17, "room", "x", ""));
      assertThat(error(client)).isEqualTo(ErrorCode.REF_TAKEN);
      assertThat(error(client)).isEqualTo(ErrorCode.TOO_MANY_PRESENCES);
    }
  }
}
