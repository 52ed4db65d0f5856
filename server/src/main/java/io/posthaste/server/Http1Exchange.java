package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBufAllocator;
import io.posthaste.access.Session;
import io.posthaste.core.Shard;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * One request on an {@link Http1Connection}. It forgets the connection once it is answered, so that
 * a handler that answers twice cannot answer somebody else's request.
 */
final class Http1Exchange implements Exchange {
  private final Loop loop;
  private final ByteBufAllocator alloc;
  final boolean isHead;
  final boolean isKeepAlive;
  final int minorVersion;
  final String corsHeaders; // lines, each with its CRLF; usually empty
  private @Nullable Http1Connection connection;
  private @Nullable ReceivedRequest request;
  private @Nullable HoldListener holder;

  Http1Exchange(Http1Connection connection, @Nullable ReceivedRequest request, String corsHeaders) {
    this.loop = connection.loop();
    this.alloc = connection.alloc();
    this.connection = connection;
    this.request = request;
    this.corsHeaders = corsHeaders;
    this.isHead = request != null && request.method().equals("HEAD");
    this.isKeepAlive = request != null && request.isKeepAlive();
    this.minorVersion = request == null ? 1 : request.minorVersion();
  }

  @Override
  public Request request() {
    ReceivedRequest request = this.request;
    if (request == null) {
      throw new IllegalStateException("the request was let go: read it before the answer waits");
    }
    return request;
  }

  @Override
  public @Nullable ClientCertificate clientCertificate() {
    Http1Connection connection = this.connection;
    return connection == null ? null : connection.clientCertificate();
  }

  @Override
  public boolean isSecure() {
    Http1Connection connection = this.connection;
    return connection != null && connection.isSecure();
  }

  @Override
  public InetAddress client() {
    return asked().client(request());
  }

  @Override
  public @Nullable InetAddress knownClient() {
    return asked().knownClient(request());
  }

  private Http1Connection asked() {
    Http1Connection connection = this.connection;
    if (connection == null) {
      throw new IllegalStateException("answered, or gone: ask before the answer");
    }
    return connection;
  }

  @Override
  public boolean countFor(Session session) {
    Http1Connection connection = this.connection;
    return connection == null || connection.countFor(session);
  }

  @Override
  public long connectionNumber() {
    Http1Connection connection = this.connection;
    if (connection == null) {
      throw new IllegalStateException("answered, or gone: ask before the answer");
    }
    return connection.number();
  }

  @Override
  public void receive(BodyListener listener) {
    throw new IllegalStateException("the body is whole: it is not streamed over HTTP/1.1");
  }

  @Override
  public void resume(Runnable rest) {
    loop.shard()
        .execute(
            () -> {
              Http1Connection connection = this.connection;
              if (connection != null) {
                connection.run(this, rest);
              }
            });
  }

  /** The path, if the request was not yet let go; for the log. */
  String path() {
    ReceivedRequest request = this.request;
    return request == null ? "" : request.rawPath();
  }

  /** Tells the holder that who may what has changed. */
  void onAccessChanged() {
    HoldListener listener = holder;
    if (listener != null && connection != null) {
      listener.onAccessChanged();
    }
  }

  Route route() {
    return requireNonNull(request).route();
  }

  @Override
  public Shard shard() {
    return loop.shard();
  }

  @Override
  public ByteBufAllocator alloc() {
    return alloc;
  }

  @Override
  public void respond(Response response) {
    Http1Connection connection = this.connection;
    if (connection != null) {
      connection.respond(this, response);
    }
  }

  @Override
  public void hold(HoldListener listener) {
    Http1Connection connection = this.connection;
    if (connection == null) {
      listener.onGone();
      return;
    }
    if (holder != null) {
      throw new IllegalStateException("held already");
    }
    holder = listener;
    connection.onHeld(this);
  }

  @Override
  public Outlet stream(Response head, OutletListener listener) {
    Http1Connection connection = this.connection;
    return connection == null
        ? DeadOutlet.begin(loop, listener)
        : connection.stream(this, head, listener);
  }

  @Override
  public void webSocket(@Nullable String subprotocol, WebSocketListener listener) {
    Http1Connection connection = this.connection;
    if (connection != null) {
      connection.webSocket(this, subprotocol, listener);
    }
  }

  boolean isHeld() {
    return holder != null;
  }

  /** What the connection is used for. */
  Use use() {
    HoldListener listener = holder;
    return listener == null ? Use.HTTP : listener.use();
  }

  boolean isOpen() {
    return connection != null;
  }

  /** Tells the holder to answer now. */
  void hurry() {
    HoldListener listener = holder;
    if (listener != null && connection != null) {
      listener.onHurry();
    }
  }

  /** Lets the request go. */
  void letGo() {
    ReceivedRequest request = this.request;
    this.request = null;
    if (request != null) {
      request.release();
    }
  }

  /** Forgets everything, as it has been answered. */
  void finish() {
    if (holder != null && connection != null) {
      loop.traffic().onHeld(-1);
    }
    connection = null;
    holder = null;
    letGo();
  }

  /** Forgets everything, as the client has gone. */
  void abandon() {
    HoldListener listener = holder;
    finish();
    if (listener != null) {
      listener.onGone();
    }
  }
}
