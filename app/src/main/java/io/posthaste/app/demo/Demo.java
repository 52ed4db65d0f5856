package io.posthaste.app.demo;

import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Policies;
import io.posthaste.server.Exchange;
import io.posthaste.server.Pages;
import io.posthaste.server.Response;
import io.posthaste.server.Route;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the demo serves besides the doors: its pages, the sign-in and the shop behind two of them,
 * and a feed for all to show. The feed is what the machine does, once a second, what is piped in,
 * made-up news, and, as long as a page asks for it, a burst. All of it is published below {@code
 * demo/}, each message as JSON:
 *
 * <pre>
 *   {"from":"piped","run":"k3j9x","n":17,"sent":1763800000123456,"text":"a line"}
 * </pre>
 *
 * {@code sent} is when it was made, in microseconds since 1970; {@code n} counts the messages of a
 * publisher's {@code run}, so that a page can tell by itself whether it missed one.
 */
public final class Demo implements AutoCloseable {
  /**
   * What is kept of the demo's topics where nothing else is said: of the race minutes of the worst
   * burst. Nobody needs to say more at once than these allow.
   */
  public static final List<Policies.Rule> KEPT =
      List.of(
          Policies.Rule.parse("demo/chat/#=count:1000,age:1d,max:4k"),
          Policies.Rule.parse("demo/news=count:200,age:1d,max:4k"),
          Policies.Rule.parse("$demo/#=count:8,age:1h,max:4k,memory"),
          Policies.Rule.parse("demo/#=count:10000,age:1d,max:64k"));

  private static final String PAGES = "io/posthaste/app/pages/";
  private static final String FRONT = "/demo/";

  private final ScheduledExecutorService feeder =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "demo");
            thread.setDaemon(true);
            return thread;
          });
  private final @Nullable InputStream input;
  private final Clock clock;

  /**
   * A demo that does nothing yet.
   *
   * @param input whose lines to publish; null for none. Not closed
   * @param clock tells when things expire
   */
  public Demo(@Nullable InputStream input, Clock clock) {
    this.input = input;
    this.clock = clock;
  }

  /**
   * Begins to feed a hub; once.
   *
   * @return who answers where
   */
  public List<Route> start(Hub hub) {
    Machine machine = new Machine();
    FeedPublisher readings = new FeedPublisher(hub, "demo/machine", "machine");
    feeder.scheduleAtFixedRate(
        () -> readings.publish(machine::read), 200, 1_000, TimeUnit.MILLISECONDS);
    if (input != null) {
      Lines.follow(input, new FeedPublisher(hub, "demo/piped", "piped"));
    }
    Newsroom newsroom = new Newsroom(new FeedPublisher(hub, "demo/news", "news"));
    feeder.scheduleAtFixedRate(
        newsroom::publish, 300, Newsroom.EVERY_MILLIS, TimeUnit.MILLISECONDS);
    Tickets tickets = new Tickets(hub, clock);
    feeder.scheduleAtFixedRate(tickets::expire, 200, 200, TimeUnit.MILLISECONDS);
    List<Route> routes =
        new ArrayList<>(pages(new Burst(feeder, new FeedPublisher(hub, "demo/burst", "burst"))));
    routes.addAll(new SignIn(tickets, clock).routes());
    routes.add(new Shop(new Orders(hub, feeder), clock).route());
    return routes;
  }

  private List<Route> pages(Burst burst) {
    Pages pages = new Pages(Demo.class.getClassLoader(), feeder, "/demo/", PAGES, false);
    return List.of(
        Route.at("/").on("GET", Demo::toFront),
        Route.at("/demo").on("GET", Demo::toFront),
        Route.at("/demo/clock").on("GET", Demo::tellTime),
        Route.at("/demo/burst").on("POST", exchange -> wish(exchange, burst)).maxBody(0),
        pages.route());
  }

  private static void toFront(Exchange exchange) {
    Answers.send(exchange, Response.of(302, Map.of("Location", FRONT)));
  }

  /** The server's clock, for pages to compare theirs with. */
  private static void tellTime(Exchange exchange) {
    Answers.send(exchange, 200, Answers.json().put("micros", nowMicros()));
  }

  private static void wish(Exchange exchange, Burst burst) {
    List<String> rates = exchange.request().query().getOrDefault("rate", List.of());
    String rate = rates.size() == 1 ? rates.get(0) : "";
    if (!rate.matches("[0-9]{1,3}") || Integer.parseInt(rate) > Burst.HIGHEST_RATE) {
      throw new MalformedException(
          "rate: " + rate + " (expected: one, from 0 to " + Burst.HIGHEST_RATE + " a second)");
    }
    burst.wish(Integer.parseInt(rate));
    Answers.send(exchange, Response.of(204, Map.of()));
  }

  /** Now, in microseconds since 1970. */
  static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** The feed ends; lines that are still to come are left alone. */
  @Override
  public void close() {
    feeder.shutdownNow();
  }
}
