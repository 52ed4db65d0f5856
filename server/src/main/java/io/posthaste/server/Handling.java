package io.posthaste.server;

import io.posthaste.core.MalformedException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to it that a request is answered whatever becomes of its handler. */
final class Handling {
  private static final Logger LOG = LoggerFactory.getLogger(Handling.class);

  private Handling() {}

  /**
   * Does a part of a request's handling.
   *
   * @param path what was asked for, should there be something to log
   */
  static void run(Exchange exchange, Supplier<String> path, Runnable part) {
    try {
      part.run();
    } catch (Refusal refusal) {
      refusal.problem().answer(exchange);
    } catch (MalformedException e) {
      Problem.of(400, String.valueOf(e.getMessage())).answer(exchange);
    } catch (RuntimeException e) {
      LOG.error("handler failed path={}", path.get(), e);
      Problem.of(500, "the server failed at this request; its log says why").answer(exchange);
    }
  }
}
