package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import java.util.Map;

/**
 * The sending side of a connection that stays open: a streamed HTTP answer, or a WebSocket. Each
 * write is one unit: a chunk, or a text message. To be used by its shard's thread only. After the
 * peer has gone, writes release what they are given and do nothing.
 */
public interface Outlet {
  /**
   * Queues a unit that is shared with others. Borrows it.
   *
   * @return whether more can be taken now
   */
  boolean write(Encoded unit);

  /**
   * Queues a unit of which only the rest is shared.
   *
   * @param prefix what stands before it for this receiver alone; taken over
   * @param rest borrowed
   * @return whether more can be taken now
   */
  boolean write(ByteBuf prefix, Encoded rest);

  /**
   * Queues a unit of this receiver alone.
   *
   * @param unit taken over
   * @return whether more can be taken now
   */
  boolean write(ByteBuf unit);

  /** Sends what is queued. */
  void flush();

  /**
   * Whether more can be taken now. When that was false and becomes true, the listener hears of it.
   */
  boolean isWritable();

  /** Sends what is queued, then ends the answer properly. */
  void end();

  /**
   * Sends what is queued, then ends the answer with trailers (RFC 9110, 6.5), which HTTP/2 alone is
   * sent: elsewhere as {@link #end()}.
   */
  default void end(Map<String, String> trailers) {
    end();
  }
}
