package io.posthaste.door.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.posthaste.core.Message;
import io.posthaste.core.PollResult;
import io.posthaste.core.Wheel;
import io.posthaste.server.Response;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers to polls that a shard gave within the last second: polls that were held for the same
 * message share one answer. To be used by its shard's thread only.
 */
final class PageCache extends Wheel.Entry {
  private static final int LINGER_MILLIS = 1_000;
  private static final int SLOTS = 128;
  private static final int MOST_BYTES = 8 << 20;

  private final Wheel wheel;
  private final ByteBufAllocator alloc;
  private final MessageJson json;
  private final @Nullable Response[] answers = new @Nullable Response[SLOTS];
  private final @Nullable PollResult[] pages = new @Nullable PollResult[SLOTS];
  private int bytes;

  PageCache(Wheel wheel, ByteBufAllocator alloc, MessageJson json) {
    this.wheel = wheel;
    this.alloc = alloc;
    this.json = json;
  }

  /** The answer that gives a page; borrowed until the next call. */
  Response answer(PollResult page) {
    int slot = page.next().hashCode() * 0x9e3779b9 >>> 32 - 7;
    Response known = answers[slot];
    PollResult of = pages[slot];
    if (known != null && of != null && isSame(page, of)) {
      return known;
    }
    ByteBuf body = alloc.buffer(bodyBytes(page));
    json.page(body, page);
    body.writeByte('\n'); // for terminals
    Response fresh = Response.of(200, Answers.JSON, body);
    if (bytes + body.readableBytes() > MOST_BYTES) {
      clear();
    }
    known = answers[slot];
    if (known != null) {
      bytes -= known.body().readableBytes();
      known.release();
    }
    answers[slot] = fresh;
    pages[slot] = page;
    bytes += body.readableBytes();
    if (!isDeadlineSet()) {
      wheel.set(this, LINGER_MILLIS);
    }
    return fresh;
  }

  private static int bodyBytes(PollResult page) {
    int bytes = 128;
    for (Message message : page.messages()) {
      bytes += 160 + message.payload().length() * 5 / 4;
    }
    return bytes;
  }

  private static boolean isSame(PollResult a, PollResult b) {
    return a == b
        || a.more() == b.more()
            && a.next().equals(b.next())
            && isSame(a.messages(), b.messages())
            && a.gaps().equals(b.gaps());
  }

  private static boolean isSame(List<Message> a, List<Message> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      Message x = a.get(i);
      Message y = b.get(i);
      if (x != y && (x.sequence() != y.sequence() || x.partition() != y.partition())) {
        return false;
      }
    }
    return true;
  }

  @Override
  protected void onDeadline() {
    clear();
  }

  /** Lets go of everything. */
  void clear() {
    for (Response answer : answers) {
      if (answer != null) {
        answer.release();
      }
    }
    Arrays.fill(answers, null);
    Arrays.fill(pages, null);
    bytes = 0;
    wheel.cancel(this);
  }
}
