package io.posthaste.client;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Carries one subscription, in a thread of its own: tries techniques and nodes, reads, calls the
 * listener, and goes on from the cursor wherever it has to begin anew.
 *
 * <pre>
 *          +-- a better technique works again --+
 *          v                                    |
 *   round: try each technique, best first ── works ── breaks ── pause ──> round, same node
 *          └── none works ── pause ──> round, next node
 * </pre>
 *
 * Nothing is lost or repeated by any of this, as the place moves only after the listener returned.
 */
final class Follower implements Sink, Runnable {
  /** A stream that breaks sooner has not lasted. */
  private static final Duration SHORT_LIFE = Duration.ofSeconds(5);

  /** Who was asked to go away, and has somewhere else to go, goes within this. */
  private static final Duration MOVING = Duration.ofSeconds(1);

  private final Options options;
  private final List<Node> nodes;
  private final Map<Technique, Carrier> carriers;
  private final Http http;
  private final Listener listener;
  private final Place place;
  private final boolean idsAreCursors;
  private final Callbacks callbacks = new Callbacks();
  private final Backoff backoff;
  private final @Nullable Page first;

  private int at;
  private Attempt attempt;
  private volatile @Nullable Technique carriedBy;

  /** One try of one technique on one node. */
  private static final class Attempt {
    final Node node;
    final Technique technique;
    final List<Technique> failedBefore;
    boolean works;
    long worksSinceNanos;
    @Nullable Duration comeBackAfter;

    Attempt(Node node, Technique technique, List<Technique> failedBefore) {
      this.node = node;
      this.technique = technique;
      this.failedBefore = failedBefore;
    }

    boolean hasBetter() {
      return works && node.ladder().hasBetter(technique);
    }

    boolean wasShort() {
      return System.nanoTime() - worksSinceNanos < SHORT_LIFE.toNanos();
    }
  }

  /**
   * @param at where among the nodes to begin
   * @param first what was asked already; null if nothing could be
   */
  Follower(
      Options options,
      List<Node> nodes,
      int at,
      Map<Technique, Carrier> carriers,
      Http http,
      Reading reading,
      Listener listener,
      @Nullable Page first) {
    this.options = options;
    this.nodes = nodes;
    this.at = at;
    this.carriers = carriers;
    this.http = http;
    this.listener = listener;
    this.place = new Place(reading);
    this.idsAreCursors = reading.isOneTopic();
    this.backoff = new Backoff(options.firstBackoff, options.longestBackoff);
    this.first = first;
    this.attempt = new Attempt(nodes.get(at), options.techniques.get(0), List.of());
    if (first != null && first.messages().isEmpty()) {
      place.moveTo(first.next());
    }
  }

  @Nullable String cursor() {
    return place.cursor();
  }

  @Nullable Technique carriedBy() {
    return carriedBy;
  }

  Callbacks callbacks() {
    return callbacks;
  }

  @Override
  public void run() {
    try {
      Page begin = first;
      if (begin != null) {
        page(begin);
      }
      while (!callbacks.areClosed()) {
        followOnce();
      }
    } catch (InterruptedException e) {
      // Closed: that is what ends this thread.
    } finally {
      carriedBy = null;
      callbacks.end();
    }
  }

  private void followOnce() throws InterruptedException {
    try {
      Exception why = round(nodes.get(at));
      carriedBy = null;
      if (attempt.hasBetter() || callbacks.areClosed()) {
        return;
      }
      pauseAfter(why);
    } catch (RefusedException e) {
      callbacks.call(() -> listener.onRefused(e));
      callbacks.close();
    } catch (InterruptedException e) {
      if (callbacks.areClosed()) {
        throw e;
      } // else somebody else meant it, and not us: go on
    } catch (RuntimeException e) {
      // Ours, and none that we know of; going on from the cursor loses nothing.
      Logs.LOGGER.log(Level.ERROR, "a subscription stumbled", e);
      pauseAfter(e);
    }
  }

  /** Tries techniques until one has worked and ended; why it did, or why none works. */
  private Exception round(Node node) throws InterruptedException {
    List<Technique> failed = new ArrayList<>();
    Exception why = new IOException("no technique");
    boolean connects = true;
    for (Technique technique : node.ladder().candidates()) {
      attempt = new Attempt(node, technique, failed);
      try {
        carrier(technique).follow(node, place, this);
        why = new IOException(node + " ended the connection");
      } catch (IOException e) {
        why = e;
      } catch (RefusedException e) {
        if (!attempt.works || !e.code().equals(Refusals.UNAUTHENTICATED)) {
          throw e;
        }
        why = e; // what was let in before may be again: a token has ended, and the next may hold
      }
      if (attempt.works) {
        if (!attempt.hasBetter()) {
          node.ladder().ended(technique, attempt.comeBackAfter == null && attempt.wasShort());
        }
        return why;
      }
      if (callbacks.areClosed()) {
        return why;
      }
      Logs.LOGGER.log(Level.DEBUG, "{0} does not work with {1}: {2}", technique, node, why);
      failed.add(technique);
      if (isNoConnection(why) && technique != Technique.TCP) {
        connects = false;
        break; // no technique would fare better; but TCP's port is one of its own
      }
    }
    if (connects) {
      node.ladder().nothingWorks();
    }
    return why;
  }

  private Carrier carrier(Technique technique) {
    return requireNonNull(carriers.get(technique), "carrier");
  }

  static boolean isNoConnection(Exception e) {
    return e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
  }

  private void pauseAfter(Exception why) throws InterruptedException {
    boolean worked = attempt.works;
    if (worked && !attempt.wasShort()) {
      backoff.reset();
    }
    Duration pause = backoff.next();
    Duration asked = attempt.comeBackAfter;
    if (asked == null && why instanceof Refusals.UnfitException) {
      asked = ((Refusals.UnfitException) why).pause;
    }
    if (asked != null) {
      pause = nodes.size() == 1 ? asked : upTo(shorter(asked, MOVING));
    } else if (worked) {
      pause = shorter(pause, upTo(options.firstBackoff.multipliedBy(4)));
    }
    if (!worked || asked != null) {
      at = (at + 1) % nodes.size();
    }
    Duration announced = pause;
    callbacks.call(() -> listener.onTrouble(why, backoff.failures(), announced));
    Thread.sleep(pause.toMillis());
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Duration upTo(Duration bound) {
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(bound.toMillis() + 1));
  }

  @Override
  public void works() throws InterruptedException {
    Attempt now = attempt;
    if (now.works) {
      return;
    }
    now.works = true;
    now.worksSinceNanos = System.nanoTime();
    now.node.ladder().works(now.technique, now.failedBefore);
    carriedBy = now.technique;
    callbacks.call(() -> listener.onConnected(now.technique));
  }

  @Override
  public void message(Message message, String cursor) throws InterruptedException {
    callbacks.call(() -> listener.onMessage(message));
    place.moveTo(cursor);
  }

  @Override
  public void page(Page page) throws InterruptedException {
    if (page.missed()) {
      missed(page.gaps());
    }
    for (Message message : page.messages()) {
      callbacks.call(() -> listener.onMessage(message));
      if (idsAreCursors) {
        place.moveTo(message.id()); // a page of several partitions has no place within
      }
    }
    place.moveTo(page.next());
  }

  @Override
  public void missed(List<Gap> gaps) throws InterruptedException {
    callbacks.call(() -> listener.onMissed(gaps));
  }

  @Override
  public void cursor(String cursor) {
    place.moveTo(cursor);
  }

  @Override
  public void comeBackAfter(Duration pause) {
    attempt.comeBackAfter = pause;
  }

  @Override
  public boolean leaves() {
    if (callbacks.areClosed()) {
      return true;
    }
    Attempt now = attempt;
    if (now.works) {
      // All that are due: who took the best alone would never come to the second best.
      for (Technique better : now.node.ladder().claimProbes(now.technique)) {
        probe(now.node, better);
      }
    }
    return now.hasBetter();
  }

  /** Looks whether a better technique works by now, beside the one that does. */
  private void probe(Node node, Technique technique) {
    Place here = new Place(place.rest());
    http.run(
        () -> {
          Probe probe = new Probe(callbacks);
          try {
            carrier(technique).follow(node, here, probe);
          } catch (IOException | RuntimeException e) {
            Logs.LOGGER.log(Level.DEBUG, "{0} is still blocked: {1}", technique, e);
          } catch (InterruptedException e) {
            // it works, or the client is closed
          } finally {
            node.ladder().probed(technique, probe.works);
          }
        });
  }

  /** Wants to know whether a technique works, and nothing else. */
  private static final class Probe implements Sink {
    private final Callbacks callbacks;
    boolean works;

    Probe(Callbacks callbacks) {
      this.callbacks = callbacks;
    }

    @Override
    public void works() throws InterruptedException {
      works = true;
      throw new InterruptedException("seen enough");
    }

    @Override
    public void message(Message message, String cursor) throws InterruptedException {
      works();
    }

    @Override
    public void page(Page page) {}

    @Override
    public void missed(List<Gap> gaps) {}

    @Override
    public void cursor(String cursor) {}

    @Override
    public void comeBackAfter(Duration pause) {}

    @Override
    public boolean leaves() {
      return callbacks.areClosed();
    }
  }
}
