package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where there is no native transport, Java's own does. */
class NioTest {
  @Test
  void answersWithoutTheNativeTransport() throws Exception {
    try (Loops loops = new Loops(1, false);
        MemoryLog log = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
        Hub hub = new Hub(log, loops.executors(), HubOptions.defaults())) {
      loops.attach(hub.shards());
      Router router =
          new Router(
              List.of(
                  Route.at("/hello").on("GET", exchange -> TestServer.text(exchange, 200, "hi"))));
      InetSocketAddress address =
          new HttpServer(loops, HttpLimits.DEFAULT, AllowedSites.OWN, router)
              .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      assertThat(loops.isNative()).isFalse();
      try (RawClient client = new RawClient(address)) {
        assertThat(client.get("/hello").answer().body()).isEqualTo("hi");
        client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        client.socket.shutdownOutput();
        assertThat(client.answer().body()).isEqualTo("hi");
        assertThat(client.isClosed()).isTrue();
      }
      loops.drain(Duration.ofSeconds(1)).join();
    }
  }

  @Test
  void saysWhichAddressIsTaken() throws Exception {
    try (TestServer server = new TestServer()) {
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () ->
                  server.loops.listen(server.address, ConnectionLimits.DEFAULT, loop -> failing()))
          .isInstanceOf(java.io.IOException.class)
          .hasMessageContaining("cannot listen on")
          .hasMessageContaining(":" + server.address.getPort());
    }
  }

  private static Connection failing() {
    throw new AssertionError("nothing connects");
  }
}
