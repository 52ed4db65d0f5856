package io.posthaste.server;

import io.netty.buffer.ByteBuf;

/**
 * Is given the body of a request as it comes. Called by its exchange's shard's thread, and no more
 * once the stream is gone.
 */
public interface BodyListener {
  /** A part has come. Borrowed. What the client may send next does not wait for anything. */
  void onBytes(ByteBuf bytes);

  /** The client has sent all; it still listens. */
  void onEnd();
}
