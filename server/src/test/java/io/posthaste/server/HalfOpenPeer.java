package io.posthaste.server;

import java.time.Duration;

/**
 * How soon is a peer noticed whose packets no longer arrive? Not a test, as it takes a network of
 * its own to lose packets in; run by hand, as docs/decisions/0004-held-connections.md says:
 *
 * <pre>unshare -n sh -c 'ip link set lo up; java -cp … io.posthaste.server.HalfOpenPeer'</pre>
 */
final class HalfOpenPeer {
  private static final Duration HEARTBEAT = Duration.ofSeconds(3);

  private HalfOpenPeer() {}

  /** Without arguments. */
  public static void main(String[] args) throws Exception {
    TestServer server =
        new TestServer(
            HttpLimits.DEFAULT.withConnection(ConnectionLimits.DEFAULT.withHeartbeat(HEARTBEAT)));
    try (RawClient stream = server.connect();
        RawClient socket = server.connect();
        RawClient held = server.connect()) {
      stream.get("/stream").head();
      stream.chunk();
      socket.send(WebSocketTest.HANDSHAKE).head();
      held.get("/hold");
      server.held.take();
      stream.chunk(); // a heartbeat
      int exit =
          new ProcessBuilder("iptables-legacy", "-A", "INPUT", "-i", "lo", "-j", "DROP")
              .inheritIO()
              .start()
              .waitFor();
      if (exit != 0) {
        throw new IllegalStateException("iptables-legacy failed");
      }
      long lost = System.nanoTime();
      for (long left = 2; left >= 0; left--) {
        while (server.loops.traffic().connections() > left) {
          Thread.onSpinWait();
        }
        System.out.printf(
            "%.1f s, with heartbeats of %d s: streams %d, sockets %d, held %d%n",
            (System.nanoTime() - lost) / 1e9,
            HEARTBEAT.toSeconds(),
            server.loops.traffic().streams(),
            server.loops.traffic().webSockets(),
            server.loops.traffic().held());
      }
    }
    System.exit(0);
  }
}
