package io.posthaste.server;

import io.posthaste.access.Identity;
import io.posthaste.access.Session;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many messages a publisher may publish a second, whatever connections and doors they come by.
 * A publisher who does not publish costs nothing. Thread-safe.
 */
public final class PublishRate {
  /** Nobody is held to any rate. */
  public static final PublishRate UNLIMITED = new PublishRate(0, 0, System::nanoTime);

  /**
   * For how long whoever went too fast waits for his answer, or is not read, in milliseconds: one
   * who floods is answered as often as that allows, and costs others nothing.
   */
  public static final long PAUSE_MILLIS = 50;

  /** How many publishers are told apart; looked through for idle ones when there are so many. */
  private static final int MOST_BUCKETS = 100_000;

  private final double perSecond;
  private final double atOnce;
  private final LongSupplier nanos;
  private final Map<Object, TokenBucket> buckets = new ConcurrentHashMap<>();
  private final TokenBucket others; // once there are too many to be told apart
  private final LongAdder refused = new LongAdder();

  private PublishRate(double perSecond, double atOnce, LongSupplier nanos) {
    this.perSecond = perSecond;
    this.atOnce = atOnce;
    this.nanos = nanos;
    this.others = new TokenBucket(Math.max(1, perSecond), Math.max(1, atOnce), nanos.getAsLong());
  }

  /**
   * So many a second, and twice as many at once.
   *
   * @param perSecond above 0
   * @param nanos a clock that only goes forward, in nanoseconds
   */
  public static PublishRate of(double perSecond, LongSupplier nanos) {
    return new PublishRate(perSecond, Math.max(1, 2 * perSecond), nanos);
  }

  /**
   * Asks whether somebody may publish.
   *
   * @param who by {@code equals}; of an IPv6 address only the network counts, as a client has as
   *     many addresses there as it likes
   * @param messages how many
   * @return zero if he may, and they were counted; else how long he should wait
   */
  public Duration take(Object who, int messages) {
    if (perSecond == 0 || messages == 0) {
      return Duration.ZERO;
    }
    long wait;
    TokenBucket bucket =
        bucket(who instanceof InetAddress address ? ConnectionQuota.key(address) : who);
    synchronized (bucket) {
      wait = bucket.take(messages, nanos.getAsLong());
    }
    if (wait > 0) {
      refused.add(messages);
    }
    return Duration.ofNanos(wait);
  }

  /**
   * As {@link #take(Object, int)}: one who has proved who he is may so much wherever he comes from,
   * others by their addresses.
   *
   * @param client null where there is none
   */
  public Duration take(Session session, @Nullable InetAddress client, int messages) {
    Identity identity = session.identity();
    if (!identity.equals(Identity.ANONYMOUS) && !identity.equals(Identity.OPERATOR)) {
      return take(identity, messages);
    }
    return client == null ? Duration.ZERO : take(client, messages);
  }

  /**
   * As {@link #take(Session, InetAddress, int)}, for whoever asks over HTTP. One who may not is
   * refused after {@link #PAUSE_MILLIS}: what he sends behind it on the same connection waits
   * meanwhile. To be asked by the exchange's shard's thread, before the exchange is held.
   *
   * @param refuse answers, given how long he should wait; called by the shard's thread
   * @return whether he may, and it was counted; else the exchange is held
   */
  public boolean admits(
      Exchange exchange, Session session, int messages, Consumer<Duration> refuse) {
    Duration wait = take(session, exchange.client(), messages);
    if (!wait.isZero()) {
      exchange.hold(HoldListener.SHORTLY);
      pause(exchange, () -> refuse.accept(wait));
    }
    return wait.isZero();
  }

  /** Has an exchange that is held answered after {@link #PAUSE_MILLIS}, by its shard's thread. */
  public static void pause(Exchange exchange, Runnable answer) {
    exchange.shard().loop().schedule(answer, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** After how many whole seconds a retry may succeed, where one is to wait so long. */
  public static int seconds(Duration wait) {
    return (int) Math.min(Integer.MAX_VALUE, wait.plusNanos(999_999_999).toSeconds());
  }

  /** What to say to one who is to wait so long. */
  public static String refusal(Duration wait) {
    return "this publisher has published as much as it may for now (expected: a retry in "
        + seconds(wait)
        + " s)";
  }

  private TokenBucket bucket(Object who) {
    TokenBucket bucket = buckets.get(who);
    if (bucket != null) {
      return bucket;
    }
    if (buckets.size() >= MOST_BUCKETS && !hasDroppedIdle()) {
      return others;
    }
    return buckets.computeIfAbsent(
        who, unknown -> new TokenBucket(perSecond, atOnce, nanos.getAsLong()));
  }

  private synchronized boolean hasDroppedIdle() {
    for (Iterator<TokenBucket> each = buckets.values().iterator(); each.hasNext(); ) {
      TokenBucket bucket = each.next();
      synchronized (bucket) {
        if (bucket.isFull(nanos.getAsLong())) {
          each.remove();
        }
      }
    }
    return buckets.size() < MOST_BUCKETS;
  }

  /** Messages that were refused so far. */
  public long refused() {
    return refused.sum();
  }
}
