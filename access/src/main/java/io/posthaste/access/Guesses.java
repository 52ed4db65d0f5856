package io.posthaste.access;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows down whoever guesses passwords: after some wrong ones for a user, or from an address, each
 * further one makes the next wait twice as long. While a wait runs nobody is looked at, whoever has
 * the right password included: else it could be told from wrong ones. Who proves himself by a key
 * never waits, so nobody can be shut out by others.
 *
 * <p>A guess counts from when it begins, so that many at once gain nothing, and is taken back if it
 * was right. What was right does not forgive what was wrong: else somebody who comes in now and
 * then would make room for guesses. A quarter of an hour without a wrong one does.
 *
 * <p>So many users and addresses are remembered; beyond, the one that was guessed at least recently
 * is forgotten. As each guess costs a hash, of which a server computes some tens a second, it takes
 * longer to have one forgotten so than to wait. Thread-safe.
 */
final class Guesses {
  private static final int FREE_BY_USER = 10;
  private static final int FREE_BY_ADDRESS = 50;
  private static final int MOST_REMEMBERED = 20_000;
  private static final long LONGEST_MILLIS = 300_000;
  private static final long FORGOTTEN_MILLIS = 900_000;
  private static final String NOBODY = ""; // whose ids cannot be ids

  private final LongSupplier millis;
  private final Map<Object, Wrong> wrong =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Wrong> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };
  private final LongAdder delayed = new LongAdder();

  /**
   * What was wrong of one.
   *
   * @param count how often
   * @param sinceMillis when for the last time
   */
  private record Wrong(int count, long sinceMillis) {
    long waitMillis(int free, long now) {
      if (count <= free) {
        return 0;
      }
      long delay = Math.min(LONGEST_MILLIS, 1_000L << Math.min(30, count - free - 1));
      return Math.max(0, delay - (now - sinceMillis));
    }
  }

  /** The network of an address; of IPv4 it is the address. */
  private record Network(long bits, boolean isSix) {
    static Network of(InetAddress address) {
      byte[] bytes = address.getAddress();
      long bits = 0;
      for (int i = 0; i < Math.min(8, bytes.length); i++) {
        bits = bits << 8 | bytes[i] & 0xff;
      }
      return new Network(bits, bytes.length > 4);
    }
  }

  /**
   * @param millis tells the time, in milliseconds
   */
  Guesses(LongSupplier millis) {
    this.millis = millis;
  }

  /**
   * How long nobody is looked at who says that he is this one, or who comes from there.
   *
   * @param from null where it is not known
   * @return in milliseconds; 0 if he is looked at
   */
  synchronized long waitMillis(String id, @Nullable InetAddress from) {
    long now = millis.getAsLong();
    long wait = waitMillis(user(id), FREE_BY_USER, now);
    if (from != null) {
      wait = Math.max(wait, waitMillis(Network.of(from), FREE_BY_ADDRESS, now));
    }
    if (wait > 0) {
      delayed.increment();
    }
    return wait;
  }

  private long waitMillis(Object who, int free, long now) {
    Wrong before = remembered(who, now);
    return before == null ? 0 : before.waitMillis(free, now);
  }

  private @Nullable Wrong remembered(Object who, long now) {
    Wrong before = wrong.get(who);
    return before == null || now - before.sinceMillis >= FORGOTTEN_MILLIS ? null : before;
  }

  /** A guess that counts as a wrong one, unless it is taken back. */
  synchronized Guess begin(String id, @Nullable InetAddress from) {
    Object user = user(id);
    Object network = from == null ? null : Network.of(from);
    return new Guess(user, count(user), network, network == null ? null : count(network));
  }

  /** What was known before. */
  private @Nullable Wrong count(Object who) {
    long now = millis.getAsLong();
    Wrong before = remembered(who, now);
    wrong.remove(who); // so that it is the last to be forgotten
    wrong.put(who, new Wrong(before == null ? 1 : before.count + 1, now));
    return before;
  }

  private static Object user(String id) {
    return Identity.isId(id) ? id : NOBODY;
  }

  /** Of how many users and networks something wrong is remembered. */
  synchronized int remembered() {
    return wrong.size();
  }

  /** How often nobody was looked at. */
  long delayed() {
    return delayed.sum();
  }

  /** One of whom it is not yet known whether he is right. */
  final class Guess {
    private final Object user;
    private final @Nullable Wrong userBefore;
    private final @Nullable Object network;
    private final @Nullable Wrong networkBefore;

    private Guess(
        Object user,
        @Nullable Wrong userBefore,
        @Nullable Object network,
        @Nullable Wrong networkBefore) {
      this.user = user;
      this.userBefore = userBefore;
      this.network = network;
      this.networkBefore = networkBefore;
    }

    /** It was right, or was not looked at. */
    void takeBack() {
      synchronized (Guesses.this) {
        takeBack(user, userBefore);
        if (network != null) {
          takeBack(network, networkBefore);
        }
      }
    }

    /** Others may have been wrong meanwhile: then these stand. */
    private void takeBack(Object who, @Nullable Wrong before) {
      wrong.computeIfPresent(
          who,
          (key, now) -> {
            int others = now.count - 1;
            boolean isLast = others == (before == null ? 0 : before.count);
            if (others == 0) {
              return null;
            }
            return new Wrong(
                others, isLast && before != null ? before.sinceMillis : now.sinceMillis);
          });
    }
  }
}
