package io.posthaste.server;

import io.netty.buffer.ByteBuf;

/** Hears what a WebSocket's client sends. Called by its shard's thread. */
public interface WebSocketListener extends OutletListener {
  /** The handshake is done. Called once, first. */
  void onOpen(WebSocket socket);

  /**
   * A whole text message, valid UTF-8 within the limit. Borrowed until return. Pings, fragments,
   * close and binary are seen to.
   */
  void onText(ByteBuf text);
}
