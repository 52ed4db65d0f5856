package io.posthaste.door.tcp;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Hub;
import io.posthaste.core.Policies;
import io.posthaste.core.Policy;
import io.posthaste.core.Presence;
import io.posthaste.server.ConnectionLimits;
import io.posthaste.server.Guard;
import io.posthaste.server.Loop;
import io.posthaste.server.Loops;
import io.posthaste.server.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The binary long connection, as {@code posthaste.proto} and {@code docs/doors/tcp.md} specify it.
 * Its connections live on {@link Loops}, whose {@link Loops#drain} brings them to their end; it
 * holds nothing that would have to be closed. Thread-safe.
 */
public final class TcpDoor {
  /** What a frame may have beside one message's payload: topic, type, headers, key. */
  private static final int ROOM_BYTES = 64 << 10;

  /** In a word, as lists of connections and presences have it. */
  static final String NAME = "tcp";

  private final Hub hub;
  private final Presence presence;
  private final TcpOptions options;
  private final Guard guard;
  private final int maxFrameBytes;
  private final Map<Loop, FrameCache> caches = new ConcurrentHashMap<>();

  /** A door onto a hub, with the default limits. */
  public TcpDoor(Hub hub, Presence presence) {
    this(hub, presence, TcpOptions.DEFAULT);
  }

  /**
   * A door onto a hub.
   *
   * @param presence of whoever comes by any door; stays the caller's
   */
  public TcpDoor(Hub hub, Presence presence, TcpOptions options) {
    this(hub, presence, options, Guard.NONE);
  }

  /**
   * A door that is guarded.
   *
   * @param presence of whoever comes by any door; stays the caller's
   * @param guard knows who may what
   */
  public TcpDoor(Hub hub, Presence presence, TcpOptions options, Guard guard) {
    this.guard = requireNonNull(guard, "guard");
    this.hub = requireNonNull(hub, "hub");
    this.presence = requireNonNull(presence, "presence");
    this.options = requireNonNull(options, "options");
    this.maxFrameBytes = largestPayload(hub.log().policies()) + ROOM_BYTES;
  }

  private static int largestPayload(Policies policies) {
    int largest = Policy.DEFAULT.maxMessageBytes();
    for (Policies.Rule rule : policies.rules()) {
      largest = Math.max(largest, rule.policy().maxMessageBytes());
    }
    return largest;
  }

  /**
   * Listens; may be called for several addresses.
   *
   * @param loops must have the hub's shards
   * @param limits stall, water marks and buffers; the heartbeat in them is only how often a
   *     half-open peer is looked for, that of the protocol is in {@link TcpOptions}
   * @param address where; port 0 for any free one
   * @return the address that is bound
   * @throws IOException if it cannot be bound, as when it is taken
   */
  public InetSocketAddress listen(Loops loops, ConnectionLimits limits, InetSocketAddress address)
      throws IOException {
    return listen(loops, limits, address, null);
  }

  /**
   * Listens, by TLS; otherwise as {@link #listen(Loops, ConnectionLimits, InetSocketAddress)}.
   *
   * @param tls stays the caller's, and must outlive the connections; null for none
   */
  public InetSocketAddress listen(
      Loops loops, ConnectionLimits limits, InetSocketAddress address, @Nullable Tls tls)
      throws IOException {
    return loops.listen(address, limits, tls, loop -> new TcpConnection(this, loop, limits));
  }

  Hub hub() {
    return hub;
  }

  Presence presence() {
    return presence;
  }

  Guard guard() {
    return guard;
  }

  TcpOptions options() {
    return options;
  }

  /** The largest frame that is taken from a client that has introduced itself. */
  int maxFrameBytes() {
    return maxFrameBytes;
  }

  FrameCache cache(Loop loop) {
    return caches.computeIfAbsent(loop, each -> new FrameCache(each.shard().wheel(), hub.epoch()));
  }
}
