package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBuf;
import io.posthaste.access.Session;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Poll;
import io.posthaste.core.TopicPage;
import io.posthaste.core.TopicState;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.HoldListener;
import java.util.Map;
import java.util.Set;

/** {@code GET /v1/topics}: the topics with their latest ids. */
final class TopicsHandler implements Guard.Guarded {
  private static final Set<String> KNOWN = Set.of("prefix", "after", "limit");
  private static final int DEFAULT_LIMIT = 100;

  private final Hub hub;

  TopicsHandler(Hub hub) {
    this.hub = hub;
  }

  @Override
  public void handle(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request(), KNOWN);
    String prefix = given.one("prefix");
    String after = given.one("after");
    int limit = given.number("limit", DEFAULT_LIMIT);
    if (limit < 1 || limit > Poll.MAX_LIMIT) {
      throw new MalformedException("limit: " + limit + " (expected: 1 to " + Poll.MAX_LIMIT + ")");
    }
    String beginning = prefix == null ? "" : prefix;
    String place = after == null ? "" : after;
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        ReadableTopics.of(hub, session, beginning, place, limit),
        page -> Answers.json(exchange, 200, Map.of(), out -> write(out, page, place)),
        refusal -> Answers.problem(exchange, refusal));
  }

  private void write(ByteBuf out, TopicPage page, String after) {
    ascii(out, "{\"topics\":[");
    String next = after;
    char before = 0;
    for (TopicState state : page.topics()) {
      next = state.topic().name();
      if (before != 0) {
        out.writeByte(before);
      }
      ascii(out, "{\"topic\":");
      JsonText.string(out, next);
      ascii(out, ",\"id\":");
      JsonText.id(out, new Id(hub.epoch(), state.partition(), state.latest()));
      ascii(out, state.deleted() ? ",\"deleted\":true}" : "}");
      before = ',';
    }
    ascii(out, "],\"next\":");
    JsonText.string(out, next);
    ascii(out, page.more() ? ",\"more\":true}" : "}");
  }
}
