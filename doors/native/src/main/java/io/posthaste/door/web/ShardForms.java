package io.posthaste.door.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.posthaste.core.Message;
import io.posthaste.core.PollResult;
import io.posthaste.core.Shard;
import io.posthaste.server.Encoded;
import io.posthaste.server.Response;

/**
 * What the readers of one shard share: each wire form of a message encoded once, and heartbeats. To
 * be used by its shard's thread only.
 */
final class ShardForms {
  private final ByteBufAllocator alloc;
  private final MessageJson json;
  private final UnitCache units;
  private final AnswerCache<PollResult> pages;
  private final AnswerCache<Message> payloads;
  private final Encoded comment;
  private final Encoded pong;

  ShardForms(Shard shard, ByteBufAllocator alloc, MessageJson json) {
    this.alloc = alloc;
    this.json = json;
    this.units = new UnitCache(shard.wheel(), alloc, json);
    SharedAnswers answers = new SharedAnswers(alloc, json);
    this.pages =
        new AnswerCache<>(
            shard.wheel(), page -> page.next().hashCode(), SharedAnswers::isSame, answers::page);
    this.payloads =
        new AnswerCache<>(
            shard.wheel(),
            message -> Long.hashCode(message.sequence()),
            SharedAnswers::isSame,
            answers::payload);
    this.comment = Encoded.chunk(text(":\n\n"));
    this.pong = Encoded.webSocketText(text("{\"op\":\"pong\"}"));
  }

  /** Where buffers come from. */
  ByteBufAllocator alloc() {
    return alloc;
  }

  /** How messages are written. */
  MessageJson json() {
    return json;
  }

  /** A form of a message; borrowed until the next call. */
  Encoded unit(Form form, Message message) {
    return units.unit(form, message);
  }

  /** The answer to a poll; borrowed until the next call. */
  Response page(PollResult page) {
    return pages.answer(page);
  }

  /** The answer that gives a message's payload itself; borrowed until the next call. */
  Response payload(Message message) {
    return payloads.answer(message);
  }

  /** An SSE comment; borrowed. */
  Encoded comment() {
    return comment;
  }

  /** A WebSocket's pong; borrowed. */
  Encoded pong() {
    return pong;
  }

  /** A new buffer with these characters, all ASCII; the caller must release it. */
  ByteBuf text(String ascii) {
    ByteBuf out = alloc.buffer(ascii.length());
    JsonText.ascii(out, ascii);
    return out;
  }

  /** Lets go of everything; nothing may be asked for afterwards. */
  void close() {
    units.clear();
    pages.clear();
    payloads.clear();
    comment.release();
    pong.release();
  }
}
