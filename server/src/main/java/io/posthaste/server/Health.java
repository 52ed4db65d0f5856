package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Session;
import io.posthaste.core.Topic;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tells those who watch over the server how it is: {@code /healthz} (it lives), {@code /readyz} (it
 * serves: send it clients), {@code /metrics}.
 */
public final class Health {
  private static final Topic METRICS = new Topic("$metrics");

  private final Loops loops;
  private final Supplier<Optional<String>> obstacle;
  private final Metrics metrics;
  private final Guard guard;

  /**
   * The health of a server.
   *
   * @param obstacle why what stands on the loops does not serve; empty if it does. Asked by a loop,
   *     must not block
   */
  public Health(Loops loops, Supplier<Optional<String>> obstacle, Metrics metrics) {
    this(loops, obstacle, metrics, Guard.NONE);
  }

  /**
   * The health of a guarded server, whose metrics are for whoever may read {@code $metrics}.
   *
   * @param obstacle why what stands on the loops does not serve; empty if it does. Asked by a loop,
   *     must not block
   */
  public Health(Loops loops, Supplier<Optional<String>> obstacle, Metrics metrics, Guard guard) {
    this.guard = requireNonNull(guard, "guard");
    this.loops = requireNonNull(loops, "loops");
    this.obstacle = requireNonNull(obstacle, "obstacle");
    this.metrics = requireNonNull(metrics, "metrics");
  }

  /**
   * The routes, to be put into a router. Probes may ask by whatever address they know; for metrics
   * the {@code Host} is checked as elsewhere.
   */
  public List<Route> routes() {
    return List.of(
        Route.at("/healthz").on("GET", exchange -> say(exchange, "alive\n")).forAnyHost(),
        Route.at("/readyz").on("GET", this::ready).forAnyHost(),
        Route.at("/metrics").on("GET", guard.guard(this::metrics)));
  }

  private void metrics(Exchange exchange, Session session) {
    if (session.mayRead(METRICS)) {
      metrics.answer(exchange);
    } else {
      Guard.forbidden(session, "read on \"" + METRICS + "\"").answer(exchange);
    }
  }

  private void ready(Exchange exchange) {
    if (loops.isDraining()) {
      Problem.of(503, "going down").answer(exchange);
      return;
    }
    Optional<String> reason = obstacle.get();
    if (reason.isPresent()) {
      Problem.of(503, reason.get()).with("Retry-After", "1").answer(exchange);
    } else {
      say(exchange, "ready\n");
    }
  }

  private static void say(Exchange exchange, String text) {
    Response response =
        Response.of(
            200,
            Map.of("Content-Type", "text/plain", "Cache-Control", "no-store"),
            ByteBufUtil.writeAscii(exchange.alloc(), text));
    exchange.respond(response);
    response.release();
  }
}
