package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Access;
import io.posthaste.access.Session;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.HoldListener;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * {@code POST /v1/tickets}: a ticket for a client that can send no header, such as an {@code
 * EventSource}, to open one stream with.
 */
final class TicketsHandler implements Guard.Guarded {
  static final int MAX_BODY_BYTES = 128 << 10;
  private static final int MOST_TOPICS = 1_000;

  private final Access access;

  TicketsHandler(Access access) {
    this.access = access;
  }

  @Override
  public void handle(Exchange exchange, Session session) {
    Parameters.of(exchange.request(), Set.of());
    JsonFields fields = JsonFields.parse("body", ByteBufUtil.getBytes(exchange.request().body()));
    fields.only(Set.of("topics"));
    List<TopicPattern> topics =
        fields.strings("topics", MOST_TOPICS).stream().map(TopicPattern::ofUrl).toList();
    TopicPattern unreadable = session.firstUnreadable(topics);
    if (unreadable != null) {
      Answers.problem(exchange, Refusal.unreadable(session, unreadable));
      return;
    }
    CompletionStage<Optional<String>> giving = access.ticket(session, topics);
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        giving,
        ticket -> {
          if (ticket.isEmpty()) {
            Answers.problem(
                exchange, new Refusal(503, "unavailable", "the log cannot keep a ticket now"));
            return;
          }
          Answers.json(
              exchange,
              201,
              Map.of(),
              out -> {
                ascii(out, "{\"ticket\":");
                JsonText.string(out, ticket.get());
                ascii(out, ",\"seconds\":" + Access.ticketMillis() / 1_000 + "}");
              });
        },
        refusal -> Answers.problem(exchange, refusal));
  }
}
