package io.posthaste.app.demo;

import io.posthaste.app.demo.Orders.Item;
import io.posthaste.server.Exchange;
import io.posthaste.server.Route;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/** The shop over HTTP: an order is taken here; what becomes of it is read from its topic. */
final class Shop {
  private static final int MOST_ORDERS = 20;
  private static final Duration ONE_ORDER_MORE = Duration.ofSeconds(1);
  private static final int LARGEST_BODY = 256;
  private static final Pattern ITEM = Pattern.compile("postcard|stamps|horn");

  private final Orders orders;
  private final Allowance taking;

  Shop(Orders orders, Clock clock) {
    this.orders = orders;
    this.taking = new Allowance(MOST_ORDERS, ONE_ORDER_MORE, clock);
  }

  Route route() {
    return Route.at("/demo/shop/orders").on("POST", this::take).maxBody(LARGEST_BODY);
  }

  private void take(Exchange exchange) {
    String item =
        Fields.of(exchange.request()).text("item", ITEM, "one of postcard, stamps and horn");
    if (!taking.take()) {
      Answers.tooMany(exchange, taking, "orders");
      return;
    }
    Answers.later(
        exchange,
        orders.take(Item.valueOf(item.toUpperCase(Locale.ROOT))),
        taken ->
            Answers.send(
                exchange,
                201,
                Answers.json()
                    .put("topic", taken.topic().name())
                    .put("id", taken.id().toString())));
  }
}
