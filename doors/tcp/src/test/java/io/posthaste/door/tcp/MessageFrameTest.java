package io.posthaste.door.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.Poll;
import io.posthaste.door.tcp.v1.ServerFrame;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One encoding of a message, given to readers that call it differently. */
@Timeout(60)
class MessageFrameTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 400, 512, 600, 20_000})
  void isTheSameMessageUnderEveryRefAndCursor(int payload) throws IOException {
    String text = "x".repeat(payload);
    try (TcpServer server = new TcpServer();
        RawTcp one = server.connect().greet();
        RawTcp other = server.connect().greet();
        RawTcp wide = server.connect().greet()) {
      one.send(RawTcp.subscribe(1, "", "ring/a"));
      other.send(RawTcp.subscribe(0x7fff_ffff_ffffL, "", "ring/a"));
      wide.send(RawTcp.subscribe(300, "", "ring/a", "#"));
      for (RawTcp each : new RawTcp[] {one, other, wide}) {
        assertThat(each.next().hasDone()).isTrue();
      }
      String id = server.publish("ring/a", text).toString();

      ServerFrame first = one.next();
      ServerFrame second = other.next();
      ServerFrame third = wide.next();
      assertThat(first.getMessage().getPayload().toStringUtf8()).isEqualTo(text);
      assertThat(first.getMessage().getId()).isEqualTo(id);
      assertThat(first.getMessage().getType()).isEqualTo("text/plain");
      assertThat(second.getMessage()).isEqualTo(first.getMessage());
      assertThat(third.getMessage()).isEqualTo(first.getMessage());
      assertThat(first.getRef()).isEqualTo(1);
      assertThat(second.getRef()).isEqualTo(0x7fff_ffff_ffffL);
      assertThat(third.getRef()).isEqualTo(300);
      assertThat(first.getCursor()).isEmpty();
    }
  }

  @Test
  void aPageGivesMessagesThenWhereToGoOn() throws IOException {
    try (TcpServer server = new TcpServer();
        RawTcp client = server.connect().greet()) {
      server.publish("a", "0");
      server.publish("a", "1");
      client.send(
          ClientFrame.newBuilder()
              .setRef(5)
              .setPoll(Poll.newBuilder().addTopics("a").setAfter("0").setLimit(1))
              .build());
      ServerFrame message = client.next();
      assertThat(message.getRef()).isEqualTo(5);
      assertThat(message.getMessage().getPayload().toStringUtf8()).isEqualTo("0");
      ServerFrame done = client.next();
      assertThat(done.getRef()).isEqualTo(5);
      assertThat(done.getDone().getNext()).isEqualTo(message.getMessage().getId());
      assertThat(done.getDone().getMore()).isTrue();
    }
  }
}
