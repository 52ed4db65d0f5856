package io.posthaste.app;

import java.io.IOException;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** Does something until it succeeds, as long as trying again makes sense. */
final class Retries {
  /** What may fail. */
  @FunctionalInterface
  interface Attempt<T> {
    T make() throws IOException, InterruptedException;
  }

  private final Client client;
  private final int attempts;
  private final Backoff backoff;

  private Retries(Client client, int attempts, Backoff backoff) {
    this.client = client;
    this.attempts = attempts;
    this.backoff = backoff;
  }

  /** Some half a minute of attempts: a server that restarts is back by then. */
  static Retries ofPublishing(Client client) {
    return new Retries(
        client,
        12,
        new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), RandomGenerator.getDefault()));
  }

  /**
   * Does it.
   *
   * @throws CommandFailure if it is refused, or fails too often
   */
  <T> T call(Attempt<T> attempt) throws InterruptedException {
    backoff.reset();
    while (true) {
      try {
        return attempt.make();
      } catch (IOException e) {
        boolean hopeless = e instanceof Client.Refusal refusal && !refusal.isPassing();
        Duration pause = backoff.next();
        if (hopeless || backoff.failures() >= attempts) {
          throw client.unreachable(e);
        }
        Thread.sleep(pause.toMillis());
      }
    }
  }
}
