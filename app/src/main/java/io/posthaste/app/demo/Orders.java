package io.posthaste.app.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.LogException;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the shop sold: each order a topic, first {@code pending}, then, once the bank has thought,
 * {@code paid} or {@code declined}, on the condition that it is pending still. So it is decided
 * once.
 */
final class Orders {
  private static final Logger LOGGER = LoggerFactory.getLogger(Orders.class);
  private static final String PREFIX = "$demo/orders/";
  private static final int BANK_LIMIT_CENTS = 100_000;
  private static final int SHORTEST_MILLIS = 1_200;
  private static final int LONGEST_MILLIS = 3_600;

  private final Hub hub;
  private final ScheduledExecutorService bank;
  private final Secrets secrets = new Secrets();

  /** An order that was taken: where to read what becomes of it. */
  record Taken(Topic topic, Id id) {}

  /** Something to buy. */
  enum Item {
    POSTCARD(250),
    STAMPS(800),
    HORN(999_900);

    final int cents;

    Item(int cents) {
      this.cents = cents;
    }
  }

  /**
   * An empty shop.
   *
   * @param bank where payments are decided, a while later
   */
  Orders(Hub hub, ScheduledExecutorService bank) {
    this.hub = hub;
    this.bank = bank;
  }

  CompletionStage<Taken> take(Item item) {
    Topic topic = new Topic(PREFIX + secrets.make());
    return hub.publish(append(topic, item, "pending", "").when(Condition.ABSENT))
        .thenApply(
            outcome -> {
              if (!(outcome instanceof Appended.Stored stored)) {
                throw new LogException("the order could not be taken: " + outcome);
              }
              think(topic, item, stored.id());
              return new Taken(topic, stored.id());
            });
  }

  private void think(Topic topic, Item item, Id pending) {
    long millis = ThreadLocalRandom.current().nextLong(SHORTEST_MILLIS, LONGEST_MILLIS);
    try {
      bank.schedule(() -> decide(topic, item, pending), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOGGER.debug("not decided any more topic={}", topic); // the demo ends
    }
  }

  private void decide(Topic topic, Item item, Id pending) {
    boolean isPaid = item.cents <= BANK_LIMIT_CENTS;
    String why = isPaid ? "" : "more than the bank's limit of 1,000.00";
    hub.publish(
            append(topic, item, isPaid ? "paid" : "declined", why)
                .when(new Condition.LatestIs(pending)))
        .whenComplete((outcome, failure) -> decided(topic, outcome, failure));
  }

  private static void decided(
      Topic topic, @Nullable Appended outcome, @Nullable Throwable failure) {
    if (!(outcome instanceof Appended.Stored)) {
      LOGGER.warn("not decided topic={} reason={}", topic, failure == null ? outcome : failure);
    }
  }

  private static Append append(Topic topic, Item item, String state, String why) {
    ObjectNode data =
        Answers.json()
            .put("item", item.name().toLowerCase(Locale.ROOT))
            .put("cents", item.cents)
            .put("state", state)
            .put("why", why)
            .put("sent", Demo.nowMicros());
    return Append.of(topic, "application/json", Payload.of(data.toString()));
  }
}
