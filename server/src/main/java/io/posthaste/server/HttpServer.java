package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Answers HTTP on one or more addresses, by the handlers of a {@link Router}. Its connections live
 * on {@link Loops}, whose {@link Loops#drain} brings them to their end.
 */
public final class HttpServer {
  private final Loops loops;
  private final HttpLimits limits;
  private final Admission admission;
  private final ConnectionQuota quota;

  /** A server that does not listen yet. */
  public HttpServer(Loops loops, HttpLimits limits, AllowedSites sites, Router router) {
    this(loops, limits, new Admission(sites, router), loops.quota());
  }

  private HttpServer(Loops loops, HttpLimits limits, Admission admission, ConnectionQuota quota) {
    this.loops = requireNonNull(loops, "loops");
    this.limits = requireNonNull(limits, "limits");
    this.admission = admission;
    this.quota = requireNonNull(quota, "quota");
  }

  /** The same with connections of its own, which do not count among those of the loops. */
  public HttpServer withQuota(ConnectionQuota quota) {
    return new HttpServer(loops, limits, admission, quota);
  }

  /**
   * Listens; may be called for several addresses.
   *
   * @param address where; port 0 for any free one
   * @return the address that is bound
   * @throws IOException if it cannot be bound, as when it is taken
   */
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    return listen(address, null);
  }

  /**
   * Listens, by TLS.
   *
   * @param address where; port 0 for any free one
   * @param tls stays the caller's, and must outlive the connections; null for none
   * @return the address that is bound
   * @throws IOException if it cannot be bound, as when it is taken
   */
  public InetSocketAddress listen(InetSocketAddress address, @Nullable Tls tls) throws IOException {
    return loops.listen(address, limits.connection(), tls, loop -> new Http1Connection(this, loop));
  }

  /** The largest body of a request that belongs there, in bytes. */
  int maxBody(Route route) {
    return route.maxBodyBytes() < 0 ? limits.maxBodyBytes() : route.maxBodyBytes();
  }

  ConnectionQuota quota() {
    return quota;
  }

  HttpLimits limits() {
    return limits;
  }

  Admission admission() {
    return admission;
  }
}
