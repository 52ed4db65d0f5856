package io.posthaste.server;

import io.netty.buffer.ByteBufAllocator;
import io.posthaste.access.Session;
import io.posthaste.core.Shard;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * One request and the way to answer it, whatever version of HTTP carries it: by one response, by a
 * stream, or by becoming a WebSocket. Exactly one of the three, once. To be used by its shard's
 * thread only.
 */
public interface Exchange {
  /**
   * The request, whole. To be read before the exchange is answered, held, or becomes a stream or
   * WebSocket and the handler has returned: then it is let go, so that waiting costs no headers.
   */
  Request request();

  /**
   * The certificate by which the client has shown who it is, verified; null if it has shown none.
   * To be asked before the exchange is answered.
   */
  @Nullable ClientCertificate clientCertificate();

  /**
   * Who asks, by his address: the one at the other end of the connection, or whom a trusted proxy
   * speaks for. To be asked while {@link #request} may be read.
   */
  InetAddress client();

  /**
   * The same, if it is known: null where a trusted proxy does not say for whom it speaks, so that
   * nobody answers for what others do. To be asked while {@link #request} may be read.
   */
  @Nullable InetAddress knownClient();

  /**
   * Has the connection count among those of whoever asks, as {@link Connection#countFor}. To be
   * asked before the exchange is answered.
   *
   * @return whether he may have it
   */
  boolean countFor(Session session);

  /**
   * The number of the connection, among all that this server has accepted: requests of one
   * connection have the same. To be asked before the exchange is answered.
   */
  long connectionNumber();

  /**
   * Says who is given the body as it comes; only where the route is {@link Route#streamed}, and
   * before the handler returns.
   */
  void receive(BodyListener listener);

  /**
   * Goes on with what the handler began, as if it had not returned: for a handler that must know
   * something before it can answer or hold. Any thread; done by the shard's, unless the client has
   * gone.
   */
  void resume(Runnable rest);

  /** Whether the client speaks TLS to this server; what stands between is not asked. */
  boolean isSecure();

  /** The shard on whose thread everything of this exchange happens. */
  Shard shard();

  /** Where buffers for the answer come from. */
  ByteBufAllocator alloc();

  /**
   * Answers. Borrows the response: its caller still owns its reference, so one response can answer
   * many exchanges. To a {@code HEAD} only the head is sent. Does nothing if the client has gone.
   */
  void respond(Response response);

  /**
   * Says that the answer waits for something to happen. Whoever holds an exchange must call this;
   * one listener only. The listener may be called before this returns, if the client has gone.
   */
  void hold(HoldListener listener);

  /**
   * Begins to answer with a body that has no end yet. The head is flushed with the first {@link
   * Outlet#flush}.
   *
   * @param head status and headers; its body is ignored
   */
  Outlet stream(Response head, OutletListener listener);

  /**
   * Becomes a WebSocket, if the request asks for one rightly; else answers with what would be right
   * and calls nothing.
   *
   * @param subprotocol the one chosen among those offered, null for none
   */
  void webSocket(@Nullable String subprotocol, WebSocketListener listener);
}
