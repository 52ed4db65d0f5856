package io.posthaste.app;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Policies;
import io.posthaste.server.Exchange;
import io.posthaste.server.Pages;
import io.posthaste.server.Response;
import io.posthaste.server.Route;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the demo serves besides the doors: its pages, and a feed for them to show. The feed is what
 * the machine does, once a second, what is piped in, and, as long as a page asks for it, a burst.
 * All of it is published below {@code demo/}, each message as JSON:
 *
 * <pre>
 *   {"from":"piped","run":"k3j9x","n":17,"sent":1763800000123456,"text":"a line"}
 * </pre>
 *
 * {@code sent} is when it was made, in microseconds since 1970; {@code n} counts the messages of a
 * publisher's {@code run}, so that a page can tell by itself whether it missed one.
 */
final class Demo implements AutoCloseable {
  /** What is kept of the demo's topics where nothing else is said: minutes of the worst burst. */
  static final Policies.Rule KEPT = Policies.Rule.parse("demo/#=count:10000,age:1d");

  private static final String PAGES = "io/posthaste/app/pages/";
  private static final String FIRST_PAGE = "/demo/race/";

  private final ScheduledExecutorService feeder =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "demo");
            thread.setDaemon(true);
            return thread;
          });
  private final @Nullable InputStream input;

  /**
   * A demo that does nothing yet.
   *
   * @param input whose lines to publish; null for none. Not closed
   */
  Demo(@Nullable InputStream input) {
    this.input = input;
  }

  /**
   * Begins to feed a hub; once.
   *
   * @return who answers where
   */
  List<Route> start(Hub hub) {
    Machine machine = new Machine();
    DemoPublisher readings = new DemoPublisher(hub, "demo/machine", "machine");
    feeder.scheduleAtFixedRate(
        () -> readings.publish(machine::read), 200, 1_000, TimeUnit.MILLISECONDS);
    if (input != null) {
      DemoLines.follow(input, new DemoPublisher(hub, "demo/piped", "piped"));
    }
    return routes(new DemoBurst(feeder, new DemoPublisher(hub, "demo/burst", "burst")));
  }

  private List<Route> routes(DemoBurst burst) {
    Pages pages = new Pages(Demo.class.getClassLoader(), feeder, "/demo/", PAGES, false);
    return List.of(
        Route.at("/").on("GET", Demo::toFirstPage),
        Route.at("/demo").on("GET", Demo::toFirstPage),
        Route.at("/demo/").on("GET", Demo::toFirstPage),
        Route.at("/demo/clock").on("GET", Demo::tellTime),
        Route.at("/demo/burst").on("POST", exchange -> wish(exchange, burst)).maxBody(0),
        pages.route());
  }

  private static void toFirstPage(Exchange exchange) {
    answer(exchange, Response.of(302, Map.of("Location", FIRST_PAGE)));
  }

  /** The server's clock, for pages to compare theirs with. */
  private static void tellTime(Exchange exchange) {
    byte[] json = ("{\"micros\":" + nowMicros() + "}").getBytes(US_ASCII);
    Map<String, String> headers =
        Map.of("Content-Type", "application/json", "Cache-Control", "no-store");
    answer(
        exchange, Response.of(200, headers, exchange.alloc().buffer(json.length).writeBytes(json)));
  }

  private static void wish(Exchange exchange, DemoBurst burst) {
    List<String> rates = exchange.request().query().getOrDefault("rate", List.of());
    String rate = rates.size() == 1 ? rates.get(0) : "";
    if (!rate.matches("[0-9]{1,3}") || Integer.parseInt(rate) > DemoBurst.HIGHEST_RATE) {
      throw new MalformedException(
          "rate: " + rate + " (expected: one, from 0 to " + DemoBurst.HIGHEST_RATE + " a second)");
    }
    burst.wish(Integer.parseInt(rate));
    answer(exchange, Response.of(204, Map.of()));
  }

  private static void answer(Exchange exchange, Response response) {
    exchange.respond(response);
    response.release();
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
