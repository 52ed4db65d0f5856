package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Stream;
import io.posthaste.access.Session;
import io.posthaste.core.Shard;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** One request on a stream of an {@link Http2Connection}, from its head to its answer. */
final class Http2Exchange extends Http2Sender implements Exchange {
  private final String corsHeaders;
  private final boolean isHead;
  private @Nullable ReceivedRequest request;
  private @Nullable Http2Body body; // while it comes
  private int bodyMark; // bytes received of it when the period began
  private @Nullable HoldListener holder;
  private boolean isAnswered;

  /** A request, or null for one that cannot be understood. */
  Http2Exchange(Http2Connection connection, Http2Stream stream, @Nullable ReceivedRequest request) {
    super(connection, stream);
    this.request = request;
    this.corsHeaders = request == null ? "" : connection.server().admission().corsHeaders(request);
    this.isHead = request != null && request.method().equals("HEAD");
  }

  // ---- the request ----

  /** Goes on with a head: its body follows, unless it is whole. */
  void begin(boolean isWhole) {
    ReceivedRequest head = requireNonNull(request);
    try {
      Admission admission = connection.server().admission();
      Route route = admission.route(head, connection.local());
      head.route(route);
      admission.checkOrigin(head);
      if (head.method().equals("OPTIONS") && isWhole) {
        Response response = admission.options(head, route);
        respond(response);
        response.release();
        return;
      }
      Admission.checkMethod(head, route);
      if (route.isStreamed()) {
        expectStream(head, isWhole);
      } else if (isWhole) {
        handle();
      } else {
        expectBody(head, route);
      }
    } catch (Refusal refusal) {
      refusal.problem().answer(this);
    }
  }

  private void expectStream(ReceivedRequest head, boolean isWhole) {
    if (!isWhole && "100-continue".equalsIgnoreCase(head.header("Expect"))) {
      connection.proceed(stream);
    }
    handle();
    if (isWhole) {
      connection.senderOf(stream).ifPresent(now -> now.onData(Unpooled.EMPTY_BUFFER, true));
    }
  }

  private void expectBody(ReceivedRequest head, Route route) {
    HttpLimits limits = connection.server().limits();
    int most = connection.server().maxBody(route);
    if (Http1Body.lengthOf(head) > most) {
      throw Http1Body.tooLarge(most);
    }
    body = new Http2Body(alloc(), most);
    setTimer(limits.bodyPeriod().toMillis());
    if ("100-continue".equalsIgnoreCase(head.header("Expect"))) {
      connection.proceed(stream);
    }
  }

  @Override
  void onData(ByteBuf data, boolean isLast) {
    Http2Body gathering = body;
    if (gathering == null) {
      super.onData(data, isLast);
      return;
    }
    try {
      connection.checkGathered(gathering.received());
      gathering.add(data);
      connection.gathered(data.readableBytes());
    } catch (Refusal refusal) {
      dropBody();
      refusal.problem().answer(this);
      return;
    }
    if (isLast) {
      onWhole();
    }
  }

  /** The body is whole. */
  void onWhole() {
    Http2Body gathered = body;
    if (gathered != null) {
      body = null;
      clearTimer();
      connection.gathered(-gathered.received());
      requireNonNull(request).body(gathered.take());
      handle();
    }
  }

  private void dropBody() {
    Http2Body gathered = body;
    if (gathered != null) {
      body = null;
      clearTimer();
      connection.gathered(-gathered.received());
      gathered.release();
    }
  }

  @Override
  void onTimer() {
    Http2Body gathering = body;
    if (gathering == null) {
      return;
    }
    HttpLimits limits = connection.server().limits();
    if (gathering.received() - bodyMark >= limits.bodyPeriodBytes()) {
      bodyMark = gathering.received();
      setTimer(limits.bodyPeriod().toMillis());
    } else {
      dropBody();
      Problem.of(
              408,
              "body: came too slowly (expected: "
                  + limits.bodyPeriodBytes()
                  + " bytes, or its rest, each "
                  + limits.bodyPeriod().toSeconds()
                  + " s)")
          .answer(this);
    }
  }

  private void handle() {
    ReceivedRequest whole = requireNonNull(request);
    Handler handler = requireNonNull(whole.route().handler(whole.method()));
    run(() -> handler.handle(this));
  }

  /** Does a part of the request's handling, whatever becomes of it. */
  private void run(Runnable part) {
    Handling.run(this, () -> request == null ? "" : request.rawPath(), part);
    if (holder != null) {
      letGo();
    }
  }

  // ---- the answer ----

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
    return isDone() ? null : connection.clientCertificate();
  }

  @Override
  public boolean isSecure() {
    return connection.isSecure();
  }

  @Override
  public InetAddress client() {
    return connection.client(request());
  }

  @Override
  public @Nullable InetAddress knownClient() {
    return connection.knownClient(request());
  }

  @Override
  public boolean countFor(Session session) {
    return connection.countFor(session);
  }

  @Override
  public long connectionNumber() {
    return connection.number();
  }

  @Override
  public void receive(BodyListener listener) {
    if (!requireNonNull(request).route().isStreamed() || isReceived()) {
      throw new IllegalStateException("the body is whole, or received already");
    }
    giveBodyTo(listener);
  }

  @Override
  public void resume(Runnable rest) {
    connection
        .shard()
        .execute(
            () -> {
              if (!isDone()) {
                run(rest);
              }
            });
  }

  @Override
  public Shard shard() {
    return connection.shard();
  }

  @Override
  public ByteBufAllocator alloc() {
    return connection.alloc();
  }

  private boolean isDone() {
    return isAnswered || isClosed();
  }

  @Override
  public void respond(Response response) {
    if (isDone()) {
      return;
    }
    boolean bodiless =
        isHead || Status.isBodiless(response.status()) || !response.body().isReadable();
    boolean hasTrailers = !isHead && !response.trailers().isEmpty();
    connection.writeHead(stream, response, corsHeaders, false, bodiless && !hasTrailers);
    finish();
    if (!bodiless) {
      write(response.body().retainedDuplicate(), !hasTrailers);
    }
    if (hasTrailers && !isClosed()) {
      connection.writeTrailers(stream, response.trailers());
    }
    connection.flushSoon();
  }

  @Override
  public void hold(HoldListener listener) {
    if (isDone()) {
      listener.onGone();
      return;
    }
    if (holder != null) {
      throw new IllegalStateException("held already");
    }
    holder = listener;
    connection.loop().traffic().onHeld(1);
    if (connection.loop().isDraining()) {
      connection.loop().eventLoop().execute(() -> onShutdown(0));
    }
  }

  @Override
  public Outlet stream(Response head, OutletListener listener) {
    if (isDone()) {
      return DeadOutlet.begin(connection.loop(), listener);
    }
    connection.writeHead(stream, head, corsHeaders, true, isHead);
    finish();
    if (isHead) {
      connection.flushSoon();
      return DeadOutlet.begin(connection.loop(), listener);
    }
    Http2Outlet outlet = new Http2Outlet(connection, stream, listener);
    leaveTo(outlet);
    connection.give(stream, outlet);
    outlet.begin();
    return outlet;
  }

  @Override
  public void webSocket(@Nullable String subprotocol, WebSocketListener listener) {
    Problem.of(426, "WebSocket: not over HTTP/2 here (expected: a connection of HTTP/1.1 for it)")
        .with("Upgrade", "websocket")
        .answer(this);
  }

  /** Forgets everything, as it has been answered. */
  private void finish() {
    isAnswered = true;
    if (holder != null) {
      connection.loop().traffic().onHeld(-1);
      holder = null;
    }
    dropBody();
    letGo();
  }

  private void letGo() {
    ReceivedRequest request = this.request;
    this.request = null;
    if (request != null) {
      request.release();
    }
  }

  @Override
  void onRoom() {} // an answer that is whole waits in the stream's queue

  @Override
  void onShutdown(int retryMillis) {
    HoldListener listener = holder;
    if (listener != null && !isDone()) {
      listener.onHurry();
    }
  }

  @Override
  void onAccessChanged() {
    HoldListener listener = holder;
    if (listener != null && !isDone()) {
      listener.onAccessChanged();
    }
  }

  @Override
  Use use() {
    HoldListener listener = holder;
    return listener == null ? Use.HTTP : listener.use();
  }

  @Override
  void onClosed() {
    HoldListener listener = holder;
    finish();
    if (listener != null) {
      listener.onGone();
    }
  }
}
