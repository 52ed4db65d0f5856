package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Session;
import io.posthaste.core.Appended;
import io.posthaste.core.Cursor;
import io.posthaste.core.Hub;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.PercentCoding;
import io.posthaste.server.Request;
import java.util.Map;
import java.util.Set;

/** {@code /v1/consumers/{name}}: cursors that the server remembers. */
final class ConsumersHandler {
  static final String PATH = "/v1/consumers/";

  private final Hub hub;

  ConsumersHandler(Hub hub) {
    this.hub = hub;
  }

  /** A handler of one that may have consumers: one that is granted anything. */
  private interface Named {
    void handle(Exchange exchange, String name, String own);
  }

  private static void named(Exchange exchange, Session session, Named then) {
    String name = name(exchange.request());
    if (session.grants().isEmpty()) {
      Answers.problem(exchange, Refusal.forbidden(session, "a consumer"));
    } else {
      then.handle(exchange, name, session.consumer(name));
    }
  }

  private static String name(Request request) {
    Parameters.of(request, Set.of());
    return PercentCoding.decode(request.rawPath().substring(PATH.length()));
  }

  /** {@code POST {"ack":CURSOR}}: moves the consumer up to there. */
  void ack(Exchange exchange, Session session) {
    named(exchange, session, this::ack);
  }

  private void ack(Exchange exchange, String name, String own) {
    JsonFields fields = JsonFields.parse("body", ByteBufUtil.getBytes(exchange.request().body()));
    fields.only(Set.of("ack"));
    Cursor upTo = Cursor.parse(fields.required("ack"));
    var moved = hub.ack(own, upTo);
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        moved,
        outcome -> done(exchange, outcome),
        refusal -> Answers.problem(exchange, refusal));
  }

  private static void done(Exchange exchange, Appended outcome) {
    Refusal refusal = Refusal.of(outcome);
    if (refusal == null) {
      Answers.empty(exchange, 204, Map.of());
    } else {
      Answers.problem(exchange, refusal);
    }
  }

  /** {@code GET}: where the consumer stands. */
  void place(Exchange exchange, Session session) {
    named(exchange, session, this::place);
  }

  private void place(Exchange exchange, String name, String own) {
    var place = hub.consumer(own);
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        place,
        found -> {
          if (found.isEmpty()) {
            Answers.problem(
                exchange,
                Refusal.absent(
                    "consumer: there is none of that name (it is made by"
                        + " reading with consumer=NAME)"));
            return;
          }
          Answers.json(
              exchange,
              200,
              Map.of(),
              out -> {
                ascii(out, "{\"consumer\":");
                JsonText.string(out, name);
                ascii(out, ",\"next\":");
                JsonText.cursor(out, found.get());
                out.writeByte('}');
              });
        },
        refusal -> Answers.problem(exchange, refusal));
  }

  /** {@code DELETE}: forgets the consumer. */
  void delete(Exchange exchange, Session session) {
    named(exchange, session, this::delete);
  }

  private void delete(Exchange exchange, String name, String own) {
    var deleted = hub.deleteConsumer(own);
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        deleted,
        outcome -> {
          if (outcome instanceof Appended.ConditionFailed) {
            Answers.empty(exchange, 204, Map.of());
          } else {
            done(exchange, outcome);
          }
        },
        refusal -> Answers.problem(exchange, refusal));
  }
}
