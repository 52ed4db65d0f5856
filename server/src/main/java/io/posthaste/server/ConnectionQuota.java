package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.posthaste.access.Identity;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many connections there may be at a time: of all, so that the process never runs out of open
 * files, and of one client address and one identity, so that nobody takes them all. Thread-safe.
 */
public final class ConnectionQuota {
  /** So many who were refused are told so, at a time; others are cut at once. */
  private static final int MOST_REFUSED = 256;

  private final int most;
  private final int mostPerAddress;
  private final int mostPerIdentity;
  private final TrustedProxies proxies;
  private final AtomicInteger all = new AtomicInteger();
  private final AtomicInteger told = new AtomicInteger();
  private final Map<Long, Integer> byAddress = new ConcurrentHashMap<>();
  private final Map<Identity, Integer> byIdentity = new ConcurrentHashMap<>();
  private final LongAdder refusedOfAll = new LongAdder();
  private final LongAdder refusedOfAddress = new LongAdder();
  private final LongAdder refusedOfIdentity = new LongAdder();

  /** What a connection that has just come is told. */
  enum Admitted {
    YES,
    /** There are as many as there may be. */
    FULL,
    /** Its address has as many as it may have. */
    ADDRESS_FULL
  }

  /**
   * A quota of which nothing is taken yet.
   *
   * @param most of all; {@link Integer#MAX_VALUE} for no limit
   * @param mostPerAddress of one address, or of one network of 64 bits for IPv6, where a client has
   *     as many addresses as it likes; {@link Integer#MAX_VALUE} for no limit
   * @param mostPerIdentity of somebody who has proved who he is, wherever he comes from; {@link
   *     Integer#MAX_VALUE} for no limit
   * @param proxies whose connections are many clients', so that their addresses are not counted
   */
  public ConnectionQuota(
      int most, int mostPerAddress, int mostPerIdentity, TrustedProxies proxies) {
    if (most < 1 || mostPerAddress < 1 || mostPerIdentity < 1) {
      throw new IllegalArgumentException(
          "most, mostPerAddress, mostPerIdentity: "
              + most
              + ", "
              + mostPerAddress
              + ", "
              + mostPerIdentity
              + " (expected: at least 1)");
    }
    this.mostPerIdentity = mostPerIdentity;
    this.most = most;
    this.mostPerAddress = mostPerAddress;
    this.proxies = requireNonNull(proxies, "proxies");
  }

  /** A quota without limits. */
  public static ConnectionQuota unlimited() {
    return new ConnectionQuota(
        Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, TrustedProxies.NONE);
  }

  /** A quota of so many, whosever they are. */
  public static ConnectionQuota ofAll(int most) {
    return new ConnectionQuota(most, Integer.MAX_VALUE, Integer.MAX_VALUE, TrustedProxies.NONE);
  }

  /** A connection has come; if it is admitted, it must be given back. */
  Admitted take(InetAddress address) {
    if (all.incrementAndGet() > most) {
      all.decrementAndGet();
      refusedOfAll.increment();
      return Admitted.FULL;
    }
    if (isCounted(address) && byAddress.merge(key(address), 1, Integer::sum) > mostPerAddress) {
      giveBack(address);
      refusedOfAddress.increment();
      return Admitted.ADDRESS_FULL;
    }
    return Admitted.YES;
  }

  /** A connection that was admitted has gone. */
  void giveBack(InetAddress address) {
    all.decrementAndGet();
    if (isCounted(address)) {
      byAddress.computeIfPresent(key(address), (key, count) -> count == 1 ? null : count - 1);
    }
  }

  /**
   * A connection is somebody's from now on; if so, it must be given back.
   *
   * @return whether he may have one more
   */
  boolean take(Identity identity) {
    if (byIdentity.merge(identity, 1, Integer::sum) > mostPerIdentity) {
      giveBack(identity);
      refusedOfIdentity.increment();
      return false;
    }
    return true;
  }

  /** A connection is no longer somebody's. */
  void giveBack(Identity identity) {
    byIdentity.computeIfPresent(identity, (key, count) -> count == 1 ? null : count - 1);
  }

  private boolean isCounted(InetAddress address) {
    return mostPerAddress != Integer.MAX_VALUE && !proxies.trusts(address);
  }

  /**
   * Whether one who was refused may be told why; if so, it is to be called off when it has gone.
   */
  boolean mayBeTold() {
    if (told.incrementAndGet() > MOST_REFUSED) {
      told.decrementAndGet();
      return false;
    }
    return true;
  }

  /** One who was told why has gone. */
  void wasTold() {
    told.decrementAndGet();
  }

  /** The address, or of IPv6 the network. */
  static long key(InetAddress address) {
    byte[] bytes = address.getAddress();
    long key = bytes.length == 4 ? 1 : 0; // the networks 0:0:0:1::/64 are nobody's
    for (int i = 0; i < Math.min(8, bytes.length); i++) {
      key = key << 8 | bytes[i] & 0xff;
    }
    return key;
  }

  /** Whose word is taken for whom they speak for. */
  TrustedProxies proxies() {
    return proxies;
  }

  /** Connections of all, as many as there may be. */
  int most() {
    return most;
  }

  int mostPerAddress() {
    return mostPerAddress;
  }

  /** How often somebody was refused who had as many connections as he may have. */
  public long refusedOfIdentity() {
    return refusedOfIdentity.sum();
  }

  /** Connections refused because there were as many as there may be. */
  public long refusedOfAll() {
    return refusedOfAll.sum();
  }

  /** Connections refused because their address had as many as it may have. */
  public long refusedOfAddress() {
    return refusedOfAddress.sum();
  }
}
