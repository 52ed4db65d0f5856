package io.posthaste.door.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.posthaste.core.Message;
import io.posthaste.core.PollResult;
import io.posthaste.server.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers that many can be held for: how they are made, and when two are the same. */
final class SharedAnswers {
  private final ByteBufAllocator alloc;
  private final MessageJson json;

  SharedAnswers(ByteBufAllocator alloc, MessageJson json) {
    this.alloc = alloc;
    this.json = json;
  }

  /** The answer that gives a page; the caller must release it. */
  Response page(PollResult page) {
    int bytes = 128;
    for (Message message : page.messages()) {
      bytes += 160 + message.payload().length() * 5 / 4;
    }
    ByteBuf body = alloc.buffer(bytes);
    json.page(body, page);
    body.writeByte('\n'); // for terminals
    return Response.of(200, Answers.JSON, body);
  }

  /**
   * The answer that gives a payload itself; the caller must release it. Whoever published it chose
   * its type, so a browser is told to run nothing of it.
   */
  Response payload(Message message) {
    Map<String, String> headers = new LinkedHashMap<>();
    String type = message.type();
    headers.put("Content-Type", type.isEmpty() ? "application/octet-stream" : type);
    headers.put("ETag", Answers.etag(json.idOf(message)));
    headers.put("Cache-Control", "no-cache");
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Content-Security-Policy", "sandbox");
    ByteBuf body = Unpooled.wrappedBuffer(message.payload().asByteBuffer());
    return Response.of(200, headers, body);
  }

  static boolean isSame(PollResult a, PollResult b) {
    return a.more() == b.more()
        && a.next().equals(b.next())
        && isSame(a.messages(), b.messages())
        && a.gaps().equals(b.gaps());
  }

  private static boolean isSame(List<Message> a, List<Message> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!isSame(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  static boolean isSame(Message a, Message b) {
    return a == b || a.sequence() == b.sequence() && a.partition() == b.partition();
  }
}
