package io.posthaste.client;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are answered once: repeated, on another node if there is one, while that may help
 * and the time is not over. Only what is harmless to repeat is sent through here.
 */
final class Requests {
  private final Http http;
  private final Options options;
  private final List<Node> nodes;

  /** The node that answered last; the next request begins there. */
  private final AtomicInteger at;

  Requests(Http http, Options options, List<Node> nodes, int at) {
    this.http = http;
    this.options = options;
    this.nodes = nodes;
    this.at = new AtomicInteger(at);
  }

  /** Makes a request to a node. */
  @FunctionalInterface
  interface Making {
    HttpRequest.Builder to(Node node) throws IOException;
  }

  /** Sends; any answer below 500 is one. */
  Http.Answer send(Making request) {
    return send(request, Duration.ZERO);
  }

  /**
   * Sends a request that is held.
   *
   * @param held for how long the server may hold it, beyond the usual time
   * @throws UnreachableException if nobody answered in time
   */
  Http.Answer send(Making request, Duration held) {
    long endNanos = System.nanoTime() + options.requestLimit.plus(held).toNanos();
    Backoff backoff = new Backoff(options.firstBackoff, options.longestBackoff);
    while (true) {
      int chosen = at.get();
      Node node = nodes.get(chosen % nodes.size());
      IOException why;
      Duration asked = null;
      try {
        Http.Answer answer = http.send(request.to(node), share(endNanos, held));
        if (answer.status < 500) {
          return answer;
        }
        Refusals.UnfitException unfit = passing(answer);
        if (unfit == null) {
          return answer;
        }
        asked = unfit.pause;
        why = unfit;
      } catch (IOException e) {
        why = e;
      } catch (InterruptedException e) {
        throw interrupted(node, e);
      }
      at.compareAndSet(chosen, (chosen + 1) % nodes.size());
      Duration pause = backoff.next();
      pause = asked == null || nodes.size() > 1 ? pause : asked;
      if (System.nanoTime() + pause.toNanos() - endNanos > 0) {
        throw new UnreachableException(
            node + " cannot be reached or cannot serve: " + said(why) + tries(backoff), why);
      }
      try {
        Thread.sleep(pause.toMillis());
      } catch (InterruptedException e) {
        throw interrupted(node, e);
      }
    }
  }

  /** How long one try may take: where there are other nodes, some time is kept for them. */
  private Duration share(long endNanos, Duration held) {
    Duration left = Duration.ofNanos(Math.max(1_000_000, endNanos - System.nanoTime()));
    Duration half = held.plus(options.requestLimit.dividedBy(2));
    return nodes.size() == 1 || left.compareTo(half) < 0 ? left : half;
  }

  private static Refusals.@Nullable UnfitException passing(Http.Answer answer) {
    try {
      Refusals.refuse(answer);
      return null;
    } catch (Refusals.UnfitException e) {
      return e.isPassing() ? e : null;
    }
  }

  private static UnreachableException interrupted(Node node, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new UnreachableException("interrupted while waiting for " + node, e);
  }

  private static String said(IOException why) {
    String message = why.getMessage();
    return message == null ? why.getClass().getSimpleName() : message;
  }

  private String tries(Backoff backoff) {
    return " (tried " + backoff.failures() + " times, on " + nodes.size() + " node(s))";
  }
}
