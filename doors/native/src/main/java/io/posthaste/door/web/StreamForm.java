package io.posthaste.door.web;

import io.netty.buffer.ByteBuf;
import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.Message;
import io.posthaste.server.Encoded;
import io.posthaste.server.Outlet;
import io.posthaste.server.Response;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a streamed answer looks like. Buffers that are returned are the caller's to release. */
interface StreamForm {
  /** Says that what follows lasts, for proxies and caches, and what it is. */
  static Map<String, String> headers(String type) {
    // nginx would gather the stream otherwise.
    return Map.of("Content-Type", type, "Cache-Control", "no-store", "X-Accel-Buffering", "no");
  }

  /** The head of the answer; the caller releases it. */
  Response head();

  /** What is sent before anything is known; null for nothing. */
  @Nullable ByteBuf opening(ShardForms forms);

  /** Tells the cursor. */
  ByteBuf place(ShardForms forms, Cursor cursor);

  /** Something to send when there is nothing to say; null if only {@link #place} will do. */
  @Nullable Encoded heartbeat(ShardForms forms);

  /**
   * Writes a message.
   *
   * @param cursor null if it is the message's id
   * @return whether more can be taken now
   */
  boolean write(Outlet outlet, ShardForms forms, Message message, @Nullable Cursor cursor);

  /** Tells what was missed. */
  ByteBuf missed(ShardForms forms, List<Gap> gaps, Cursor cursor);

  /** Whether the answer has grown or lasted enough, and is to be ended by {@link #goodbye}. */
  boolean isSpent();

  /** The last words: where to go on, and after how long. */
  ByteBuf goodbye(ShardForms forms, Cursor cursor, int retryMillis);
}
