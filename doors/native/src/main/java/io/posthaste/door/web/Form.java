package io.posthaste.door.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.posthaste.core.Message;
import io.posthaste.server.Encoded;

/**
 * The forms in which one message is sent to many. Where a reader's cursor is not the message's id,
 * a small prefix of its own goes before a form that leaves room for it.
 */
enum Form {
  /** A whole SSE event: {@code id: ID}, {@code data: {…}}. */
  EVENT,
  /** An SSE event without its {@code id:}. */
  EVENT_REST,
  /** A line of ndjson. */
  LINE,
  /** A line of ndjson behind its opening brace. */
  LINE_REST,
  /** A script element behind the opening brace of what the callback is given. */
  SCRIPT_REST,
  /** A WebSocket's message. */
  FRAME,
  /** A WebSocket's message behind {@code {"op":"message",}. */
  FRAME_REST;

  /** Encodes a message; the caller must release it. */
  Encoded encode(ByteBufAllocator alloc, MessageJson json, Message message) {
    ByteBuf out = alloc.buffer(256 + message.payload().length() * 5 / 4);
    switch (this) {
      case EVENT -> {
        JsonText.ascii(out, "id: ");
        JsonText.ascii(out, json.idOf(message).toString());
        JsonText.ascii(out, "\ndata: ");
        json.message(out, message);
        JsonText.ascii(out, "\n\n");
      }
      case EVENT_REST -> {
        JsonText.ascii(out, "data: ");
        json.message(out, message);
        JsonText.ascii(out, "\n\n");
      }
      case LINE -> {
        json.message(out, message);
        out.writeByte('\n');
      }
      case LINE_REST -> {
        json.rest(out, message);
        out.writeByte('\n');
      }
      case SCRIPT_REST -> {
        ByteBuf plain = alloc.buffer(out.capacity());
        json.rest(plain, message);
        MessageJson.scriptSafe(out, plain);
        plain.release();
        JsonText.ascii(out, ")</script>\n");
      }
      case FRAME -> {
        JsonText.ascii(out, "{\"op\":\"message\",");
        json.rest(out, message);
      }
      default -> json.rest(out, message);
    }
    boolean socket = this == FRAME || this == FRAME_REST;
    return socket ? Encoded.webSocketText(out) : Encoded.chunk(out);
  }
}
