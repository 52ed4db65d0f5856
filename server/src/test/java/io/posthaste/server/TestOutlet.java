package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.posthaste.core.Shard;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A stream or WebSocket of a {@link TestServer}; tells it what befell it. */
final class TestOutlet implements WebSocketListener {
  private final TestServer server;

  @SuppressWarnings("NullAway.Init")
  Outlet outlet;

  @SuppressWarnings("NullAway.Init")
  Shard shard;

  TestOutlet(TestServer server) {
    this.server = server;
  }

  static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  /** Runs on the shard's thread and waits for it. */
  void run(Runnable action) {
    try {
      shard.loop().submit(action).get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void onOpen(WebSocket socket) {
    outlet = socket;
    shard = ((Connection) socket).shard();
    server.streams.add(this);
  }

  @Override
  public void onText(ByteBuf text) {
    String received = text.toString(StandardCharsets.UTF_8);
    outlet.write(bytes(received.length() > 125 ? "length " + received.length() : received));
    outlet.flush();
  }

  @Override
  public void onWritable() {
    server.events.add("writable");
  }

  @Override
  public void onHeartbeat() {
    server.events.add("heartbeat");
    if (!(outlet instanceof WebSocket)) {
      outlet.write(bytes(":\n"));
      outlet.flush();
    }
  }

  @Override
  public void onShutdown(int retryMillis) {
    server.events.add("shutdown");
    if (outlet instanceof WebSocket socket) {
      socket.close(1012, "restart");
    } else {
      outlet.write(bytes("retry: " + retryMillis + "\n"));
      outlet.end();
    }
  }

  @Override
  public void onClosed() {
    server.events.add("closed");
  }
}
