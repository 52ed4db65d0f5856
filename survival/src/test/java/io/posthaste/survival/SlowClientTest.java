package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.Error;
import io.posthaste.door.tcp.v1.ErrorCode;
import io.posthaste.door.tcp.v1.Hello;
import io.posthaste.door.tcp.v1.ServerFrame;
import io.posthaste.testkit.Want;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that send a byte a second, in whatever they send, to a server as it is by default. Each
 * is told what is wrong and cut off, while others are served.
 */
final class SlowClientTest {
  private static final Duration LIMIT = Duration.ofSeconds(45);

  @TempDir private Path directory;

  private final List<Dripping> drippings = new ArrayList<>();

  @Test
  void areToldSoAndCutOffWhileOthersAreServed() throws Exception {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (ServerProcess server = new ServerProcess(directory, List.of("-Xmx128m")).start();
        PersistentReader other =
            new PersistentReader(
                server.address(), Want.of("a").after("0"), List.of("SSE"), 1, false)) {
      Dripping head = drip(server.address(), "GET /v1/updates?topic=a HTTP/1.1\r\nX-Slow: ");
      Dripping body =
          drip(
              server.address(),
              "POST /v1/topics/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
      Dripping webSocket = webSocket(server.address());
      Dripping hello = drip(server.tcpAddress(), new byte[] {100, 0x12});
      Dripping frame = frame(server.tcpAddress());
      clock.scheduleAtFixedRate(() -> drippings.forEach(Dripping::drip), 1, 1, TimeUnit.SECONDS);

      await().atMost(LIMIT).until(() -> isServed(server, other) && hello.isOver());
      assertThat(error(hello.heard()).getCode()).isEqualTo(ErrorCode.HELLO_EXPECTED);
      await().atMost(LIMIT).until(() -> isServed(server, other) && head.isOver());
      assertThat(head.text())
          .startsWith("HTTP/1.1 408 ")
          .contains("head: came too slowly (expected: whole within 10 s)");
      await().atMost(LIMIT).until(() -> isServed(server, other) && frame.isOver());
      assertThat(error(frame.heard()).getCode()).isEqualTo(ErrorCode.SILENT);
      await().atMost(LIMIT).until(() -> isServed(server, other) && body.isOver());
      assertThat(body.text())
          .startsWith("HTTP/1.1 408 ")
          .contains("body: came too slowly (expected: 65536 bytes, or its rest, each 30 s)");
      await().atMost(LIMIT).until(() -> isServed(server, other) && webSocket.isOver());
      assertThat(webSocket.text())
          .contains("message: came too slowly (expected: 65536 bytes, or its rest, each 30 s)");
      assertThat(server.metric("posthaste_log_messages_total")).isEqualTo(other.seen().size());
    } finally {
      clock.shutdownNow();
      for (Dripping dripping : drippings) {
        dripping.socket.close();
      }
    }
  }

  private boolean isServed(ServerProcess server, PersistentReader other) throws Exception {
    int before = other.seen().size();
    server.batch("{\"topic\":\"a\",\"data\":1}\n", 1);
    await().atMost(Duration.ofSeconds(5)).until(() -> other.seen().size() == before + 1);
    return true;
  }

  private Dripping webSocket(InetSocketAddress address) throws IOException {
    String handshake =
        "GET /v1/updates HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    ByteArrayOutputStream begin = new ByteArrayOutputStream();
    begin.writeBytes(handshake.getBytes(StandardCharsets.US_ASCII));
    begin.writeBytes(new byte[] {(byte) 0x81, (byte) (0x80 | 126), 1, 0}); // text, 256 bytes
    return drip(address, begin.toByteArray());
  }

  private Dripping frame(InetSocketAddress address) throws IOException {
    Hello hello = Hello.newBuilder().setProtocol("posthaste.v1").setHeartbeatMillis(5_000).build();
    ByteArrayOutputStream begin = new ByteArrayOutputStream();
    ClientFrame.newBuilder().setHello(hello).build().writeDelimitedTo(begin);
    begin.write(100); // the length of the next
    return drip(address, begin.toByteArray());
  }

  private static Error error(InputStream heard) throws IOException {
    ServerFrame frame = ServerFrame.parseDelimitedFrom(heard);
    while (!frame.hasError()) {
      frame = ServerFrame.parseDelimitedFrom(heard);
    }
    assertThat(frame.getError().getClosing()).isTrue();
    return frame.getError();
  }

  private Dripping drip(InetSocketAddress address, String begin) throws IOException {
    return drip(address, begin.getBytes(StandardCharsets.US_ASCII));
  }

  private Dripping drip(InetSocketAddress address, byte[] begin) throws IOException {
    Dripping dripping = new Dripping(new Socket(address.getAddress(), address.getPort()));
    dripping.socket.getOutputStream().write(begin);
    drippings.add(dripping);
    return dripping;
  }
}
