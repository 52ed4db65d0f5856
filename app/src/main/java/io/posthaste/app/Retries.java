package io.posthaste.app;

import java.io.IOException;
import java.io.PrintWriter;
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
  private final PrintWriter notes;

  private Retries(Client client, int attempts, Backoff backoff, PrintWriter notes) {
    this.client = client;
    this.attempts = attempts;
    this.backoff = backoff;
    this.notes = notes;
  }

  /**
   * Some half a minute of attempts: a server that restarts is back by then.
   *
   * @param notes told at the first failure, so that nobody wonders why nothing happens
   */
  static Retries ofPublishing(Client client, PrintWriter notes) {
    return new Retries(
        client,
        12,
        new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), RandomGenerator.getDefault()),
        notes);
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
        if (backoff.failures() == 1) {
          String note =
              client.base() + ": " + Reasons.of(e) + "; trying again, for half a minute at most";
          notes.println(Style.WARNING.of(note));
          notes.flush();
        }
        Thread.sleep(pause.toMillis());
      }
    }
  }
}
