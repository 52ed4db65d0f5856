package io.posthaste.door.tcp;

import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.ServerFrame;
import io.posthaste.door.tcp.v1.Subscribe;
import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Seen;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A client of the contract suite: one reader on one connection. */
final class TcpDoorClient implements DoorClient {
  private final RawTcp client;
  private @Nullable ServerFrame pushedBack;

  TcpDoorClient(InetSocketAddress server, Want want) throws IOException {
    client = new RawTcp(server);
    Subscribe.Builder subscribe =
        Subscribe.newBuilder().addAllTopics(want.topics()).setOnlyLatest(want.onlyLatest());
    if (!want.after().isEmpty()) {
      subscribe.setAfter(want.after());
    }
    client.greet().send(ClientFrame.newBuilder().setRef(7).setSubscribe(subscribe).build());
    pushedBack = client.next();
  }

  @Override
  public Seen next(Duration limit) throws IOException {
    ServerFrame frame = pushedBack;
    pushedBack = null;
    try {
      client.socket.setSoTimeout((int) limit.toMillis());
      frame = frame == null ? client.next() : frame;
    } catch (SocketTimeoutException e) {
      throw new AssertionError("nothing came", e);
    } catch (IOException e) {
      return Seen.end();
    }
    return switch (frame.getKindCase()) {
      case MESSAGE ->
          Seen.message(
              frame.getMessage().getTopic(),
              frame.getMessage().getPayload().toStringUtf8(),
              frame.getCursor().isEmpty() ? frame.getMessage().getId() : frame.getCursor());
      case MISSED -> Seen.missed();
      case DONE -> Seen.place(frame.getDone().getNext());
      case GOODBYE -> Seen.end();
      default -> throw new AssertionError("unexpected: " + frame);
    };
  }

  @Override
  public void close() {
    client.close();
  }
}
