package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBufUtil;
import io.posthaste.core.Appended;
import io.posthaste.core.Cursor;
import io.posthaste.core.Hub;
import io.posthaste.server.Exchange;
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

  private static String name(Request request) {
    Parameters.of(request, Set.of());
    return PercentCoding.decode(request.rawPath().substring(PATH.length()));
  }

  /** {@code POST {"ack":CURSOR}}: moves the consumer up to there. */
  void ack(Exchange exchange) {
    String name = name(exchange.request());
    JsonFields fields = JsonFields.parse("body", ByteBufUtil.getBytes(exchange.request().body()));
    fields.only(Set.of("ack"));
    Cursor upTo = Cursor.parse(fields.required("ack"));
    var moved = hub.ack(name, upTo);
    exchange.hold(Held.SHORTLY);
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
  void place(Exchange exchange) {
    String name = name(exchange.request());
    var place = hub.consumer(name);
    exchange.hold(Held.SHORTLY);
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
  void delete(Exchange exchange) {
    String name = name(exchange.request());
    var deleted = hub.deleteConsumer(name);
    exchange.hold(Held.SHORTLY);
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
