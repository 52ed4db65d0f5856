package io.posthaste.app.demo;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * So many messages a second for as long as somebody wishes for it. A wish has to be renewed, as
 * pages are closed without a word.
 */
final class Burst {
  static final int HIGHEST_RATE = 200;
  private static final long WISH_MILLIS = 5_000;

  private final ScheduledExecutorService feeder;
  private final FeedPublisher publisher;
  private int rate;
  private long count;
  private @Nullable Future<?> feeding;
  private @Nullable Future<?> ending;

  Burst(ScheduledExecutorService feeder, FeedPublisher publisher) {
    this.feeder = feeder;
    this.publisher = publisher;
  }

  /**
   * Wishes for a rate, until somebody wishes for another or nobody has for five seconds.
   *
   * @param rate messages a second; 0 for none
   */
  synchronized void wish(int rate) {
    if (ending != null) {
      ending.cancel(false);
      ending = null;
    }
    if (rate != this.rate) {
      this.rate = rate;
      feed();
    }
    if (rate > 0) {
      ending = feeder.schedule(() -> wish(0), WISH_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void feed() {
    if (feeding != null) {
      feeding.cancel(false);
      feeding = null;
    }
    if (rate > 0) {
      feeding =
          feeder.scheduleAtFixedRate(
              () -> publisher.publish(data -> data.put("text", "burst " + ++count)),
              0,
              TimeUnit.SECONDS.toNanos(1) / rate,
              TimeUnit.NANOSECONDS);
    }
  }
}
