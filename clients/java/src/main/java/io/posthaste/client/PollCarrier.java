package io.posthaste.client;

import java.io.IOException;
import java.time.Duration;

/** Requests one after another: held by the server until there is something, or at an interval. */
final class PollCarrier implements Carrier {
  /** Below this, being held is not worth a connection: short polls do as well. */
  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

  /** How long a request may take beyond the time for which it is held. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** How often a sink is asked whether to leave while nothing happens. */
  private static final long SLICE_MILLIS = 250;

  private final Http http;
  private final Options options;
  private final boolean held;

  private PollCarrier(Http http, Options options, boolean held) {
    this.http = http;
    this.options = options;
    this.held = held;
  }

  static PollCarrier held(Http http, Options options) {
    return new PollCarrier(http, options, true);
  }

  static PollCarrier atAnInterval(Http http, Options options) {
    return new PollCarrier(http, options, false);
  }

  @Override
  public void follow(Node node, Place place, Sink sink) throws IOException, InterruptedException {
    Duration wait = held ? node.ladder().pollWait() : Duration.ZERO;
    boolean proved = !held; // that a held request comes through, which the first shows soon
    boolean shortened = false;
    while (!sink.leaves()) {
      boolean begins = place.cursor() == null; // until there is a cursor, being cut would be a gap
      Duration hold = begins ? Duration.ZERO : proved ? wait : shorter(wait, SHORTEST_WAIT);
      long startNanos = System.nanoTime();
      try {
        Page page = ask(node, place.rest(), hold);
        boolean emptyHanded = page.messages().isEmpty() && !page.missed();
        if (shortened && proved && emptyHanded) {
          node.ladder().shortenWait(wait);
          shortened = false;
        }
        if (!held || !begins) {
          proved = true;
          sink.works();
        }
        sink.page(page);
        if (!held && !page.more()) {
          pause(options.shortPollInterval, sink);
        }
      } catch (IOException e) {
        Duration lasted = Duration.ofNanos(System.nanoTime() - startNanos);
        Duration half = wait.dividedBy(2);
        boolean cut =
            held
                && proved
                && lasted.compareTo(SHORTEST_WAIT) >= 0
                && half.compareTo(SHORTEST_WAIT) >= 0;
        if (!cut || Follower.isNoConnection(e)) {
          throw e;
        }
        // Somebody on the way cuts what is held for so long. (For how long exactly is not known, as
        // the JDK repeats by itself what was cut on a connection of its pool.) If the shorter wait
        // comes through it is remembered; a server that went down does not answer that one either.
        wait = half;
        shortened = true;
      }
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /**
   * Asks once.
   *
   * @throws RefusedException if the server will not have this reading
   */
  Page ask(Node node, Reading reading, Duration wait) throws IOException, InterruptedException {
    String path = reading.path(true);
    if (!wait.isZero()) {
      path += "&wait=" + wait.toMillis() / 1000.0;
    }
    Http.Answer answer = http.send(http.request(node.http(path)), PATIENCE.plus(wait));
    if (answer.status != 200) {
      throw Refusals.refuse(answer);
    }
    return Wire.page(JsonObject.parse(answer.body));
  }

  private static void pause(Duration pause, Sink sink) throws InterruptedException {
    long endNanos = System.nanoTime() + pause.toNanos();
    for (long left = pause.toMillis(); left > 0 && !sink.leaves(); ) {
      Thread.sleep(Math.min(SLICE_MILLIS, left));
      left = (endNanos - System.nanoTime()) / 1_000_000;
    }
  }
}
