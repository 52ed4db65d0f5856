package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP/1.1 connection (RFC 9112) between streams: reads a request, has it answered, reads the
 * next. While an answer is awaited nothing further is parsed, so pipelined requests are answered in
 * order and cost no more than their bytes, of which no more are read.
 *
 * <pre>
 *         bytes        head whole     body whole         answered
 *   IDLE ───────▶ HEAD ─────────▶ BODY ─────────▶ ANSWER ─────────▶ IDLE
 *                   │               │                └──▶ another object: a stream, a WebSocket
 *                   └── refused ────┴──▶ DRAIN ──▶ closed
 * </pre>
 */
final class Http1Connection extends Connection {
  private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);
  private static final ByteBuf CONTINUE =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer()
              .writeBytes("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII))
              .asReadOnly());
  private static final int MAX_SHARED_BODY = 16 << 10;
  private static final long UNKNOWN = -1;
  private static final long HURRY_MILLIS = 2_000;
  private static final int TOO_MANY_RETRY_SECONDS = 10;

  private enum Phase {
    IDLE,
    HEAD,
    BODY,
    ANSWER,
    DRAIN,
    CLOSING
  }

  private final HttpServer server;
  private Phase phase = Phase.IDLE;
  private @Nullable Http1Input input;
  private @Nullable ReceivedRequest request; // whose body is being read
  private @Nullable Http1Body body;
  private @Nullable Http1Exchange exchange; // that is not yet answered
  // HEAD: the body's length, if known; BODY: bytes received when the period began; DRAIN: bytes yet
  // to be read for nothing
  private long mark = UNKNOWN;
  private boolean isFresh = true; // nothing was asked yet
  private boolean isProceeding;
  private boolean isReading; // within a run of onBytes
  private boolean isHalfClosed;

  Http1Connection(HttpServer server, Loop loop) {
    super(loop, server.limits().connection());
    this.server = server;
  }

  @Override
  protected void onOpened() {
    enter(Phase.IDLE);
  }

  @Override
  protected void onTooMany(String why, boolean isOfAddress) {
    refuse(
        Problem.of(isOfAddress ? 429 : 503, why)
            .with("Retry-After", Integer.toString(TOO_MANY_RETRY_SECONDS)));
    setTimer(server.limits().closeTime().toMillis());
  }

  @Override
  protected void onBytes(ByteBuf bytes) {
    isReading = true;
    if (phase == Phase.DRAIN || phase == Phase.CLOSING) {
      drain(bytes);
      return;
    }
    if (input == null) {
      if (phase == Phase.IDLE && isTls(bytes)) {
        LOG.debug("tls=unexpected, this port speaks HTTP peer={}", peer());
      }
      input = new Http1Input(bytes);
    } else {
      input.add(alloc(), bytes);
    }
    proceed();
  }

  /** Whether bytes begin as a TLS handshake does (RFC 8446, 5.1). */
  private static boolean isTls(ByteBuf bytes) {
    return bytes.readableBytes() >= 2
        && bytes.getByte(bytes.readerIndex()) == 0x16
        && bytes.getByte(bytes.readerIndex() + 1) == 3;
  }

  @Override
  protected void onBytesEnd() {
    isReading = false;
    flushBytes();
  }

  @Override
  protected void onRoom() {
    proceed();
  }

  @Override
  protected ByteBuf answerToPlain() {
    Response response =
        Problem.of(400, "this port speaks HTTPS (expected: https:// in the address)")
            .response(alloc());
    try {
      ByteBuf answer = head(response, Response.Framing.LENGTH, "Connection: close\r\n");
      return answer.writeBytes(response.body());
    } finally {
      response.release();
    }
  }

  @Override
  protected void onHalfClosed() {
    isHalfClosed = true;
    if (phase == Phase.ANSWER) {
      hurry();
    } else if (phase != Phase.CLOSING) {
      close();
    }
  }

  @Override
  protected void onShutdown(int retryMillis) {
    switch (phase) {
      case IDLE -> close();
      case ANSWER -> hurry();
      default -> {} // what is being read is still answered, within the time that there is
    }
  }

  @Override
  protected void onAccessChanged() {
    Http1Exchange waiting = exchange;
    if (waiting != null) {
      waiting.onAccessChanged();
    }
  }

  @Override
  protected ConnectionQuota quota() {
    return server.quota();
  }

  @Override
  protected Use use() {
    Http1Exchange waiting = exchange;
    return waiting == null ? Use.HTTP : waiting.use();
  }

  @Override
  protected void onGone() {
    releaseInput();
    if (body != null) {
      body.release();
      body = null;
    }
    if (request != null) {
      request.release();
      request = null;
    }
    Http1Exchange waiting = exchange;
    exchange = null;
    if (waiting != null) {
      waiting.abandon();
    }
  }

  @Override
  protected void onTimer() {
    switch (phase) {
      case HEAD ->
          refuse(
              Problem.of(
                  408,
                  "head: came too slowly (expected: whole within "
                      + server.limits().headTime().toSeconds()
                      + " s)"));
      case BODY -> {
        long received = body == null ? 0 : body.received();
        if (received - mark >= server.limits().bodyPeriodBytes()) {
          mark = received;
          setTimer(server.limits().bodyPeriod().toMillis());
        } else {
          refuse(
              Problem.of(
                  408,
                  "body: came too slowly (expected: "
                      + server.limits().bodyPeriodBytes()
                      + " bytes, or its rest, each "
                      + server.limits().bodyPeriod().toSeconds()
                      + " s)"));
        }
      }
      case IDLE -> {
        if (isSending() || input != null) {
          enter(Phase.IDLE); // it is still reading its answer: not idle, however slow
        } else {
          close();
        }
      }
      default -> close();
    }
  }

  // ---- reading ----

  private void proceed() {
    if (isProceeding) {
      return;
    }
    isProceeding = true;
    try {
      while (step()) {}
    } catch (Refusal refusal) {
      refuse(refusal.problem());
    } finally {
      isProceeding = false;
    }
    if (isGone()) {
      return;
    }
    if (input != null && input.isEmpty() && phase != Phase.HEAD) {
      releaseInput();
    }
    boolean reading = input == null || phase == Phase.HEAD || phase == Phase.BODY;
    if (reading != channel().config().isAutoRead()) {
      setReading(reading);
    }
    if (!isReading) {
      flushBytes();
    }
  }

  /** Makes one step with what was received; says whether another may follow. */
  private boolean step() {
    if (isGone() || phase == Phase.ANSWER || phase == Phase.DRAIN || phase == Phase.CLOSING) {
      return false;
    }
    if (input == null || input.isEmpty()) {
      endIfHalfClosed();
      return false;
    }
    if (phase == Phase.BODY && body != null && request != null) {
      if (!body.read(input.bytes())) {
        return false;
      }
      ReceivedRequest whole = request;
      whole.body(body.take());
      body = null;
      request = null;
      answer(whole);
      return true;
    }
    if (!hasRoom()) {
      return false; // the client does not read its answers: no more of them for now
    }
    if (isFresh && input.beginsWith(Http2Connection.PREFACE)) {
      speakHttp2(input);
      return false;
    }
    mark = UNKNOWN;
    RequestHead next = input.pollHead(server.limits(), loop().recentHeads());
    if (next != null) {
      isFresh = false;
      begin(new ReceivedRequest(next));
      return true;
    }
    if (!endIfHalfClosed() && phase == Phase.IDLE && !input.isEmpty()) {
      enter(Phase.HEAD);
    }
    return false;
  }

  /** The client speaks HTTP/2, by ALPN or by knowing that we do (RFC 9113, 3.3). */
  private void speakHttp2(Http1Input received) {
    input = null;
    Http2Connection successor = new Http2Connection(server, loop());
    giveTo(successor);
    successor.begin(received.bytes());
  }

  /** All is answered that a client sent before it closed its sending side: nothing can follow. */
  private boolean endIfHalfClosed() {
    if (isHalfClosed) {
      enter(Phase.CLOSING);
      closeWhenSent();
    }
    return isHalfClosed;
  }

  private void begin(ReceivedRequest next) {
    long length = Http1Body.lengthOf(next);
    mark = length;
    Admission admission = server.admission();
    Route route;
    try {
      route =
          admission.route(
              next, channel().localAddress() instanceof InetSocketAddress local ? local : null);
      next.route(route);
      admission.checkOrigin(next);
      if (next.method().equals("OPTIONS") && length == 0) {
        Response response = admission.options(next, route);
        open(next).respond(response);
        response.release();
        return;
      }
      Admission.checkMethod(next, route);
      if (route.isStreamed()) {
        throw new Refusal(505, "HTTP/1.1: not for this path (expected: HTTP/2)");
      }
    } catch (Refusal refusal) {
      if (length != 0) {
        request = next;
        throw refusal;
      }
      refusal.problem().answer(open(next));
      return;
    }
    if (length == 0) {
      answer(next);
      return;
    }
    request = next;
    checkExpectation(next);
    body = Http1Body.of(alloc(), length, server.maxBody(route));
    mark = 0;
    enter(Phase.BODY);
    if (next.header("Expect") != null && input != null && input.isEmpty()) {
      send(CONTINUE.duplicate());
      flushBytes();
    }
  }

  private static void checkExpectation(ReceivedRequest request) {
    String expectation = request.header("Expect");
    if (expectation != null && !expectation.equalsIgnoreCase("100-continue")) {
      throw new Refusal(417, "Expect: not understood (expected: 100-continue)");
    }
  }

  private Http1Exchange open(@Nullable ReceivedRequest whole) {
    String cors = whole == null ? "" : server.admission().corsHeaders(whole);
    Http1Exchange opened = new Http1Exchange(this, whole, cors);
    exchange = opened;
    enter(Phase.ANSWER);
    return opened;
  }

  private void answer(ReceivedRequest whole) {
    Handler handler = requireNonNull(whole.route().handler(whole.method()));
    Http1Exchange opened = open(whole);
    run(opened, () -> handler.handle(opened));
  }

  /** Does a part of a request's handling, whatever becomes of it. */
  void run(Http1Exchange opened, Runnable part) {
    Handling.run(opened, opened::path, part);
    if (opened.isHeld()) {
      opened.letGo();
    }
  }

  // ---- answering; called by the exchange ----

  void onHeld(Http1Exchange held) {
    loop().traffic().onHeld(1);
    if (loop().isDraining() || isHalfClosed) {
      loop().eventLoop().execute(this::hurry);
    }
  }

  void respond(Http1Exchange answered, Response response) {
    boolean keep = answered.isKeepAlive && !loop().isDraining();
    boolean bodiless = answered.isHead || Status.isBodiless(response.status());
    if (keep
        && !answered.isHead
        && answered.minorVersion == 1
        && answered.corsHeaders.isEmpty()
        && response.body().readableBytes() <= MAX_SHARED_BODY) {
      sendShared(response.http1(loop()));
    } else {
      String more = answered.corsHeaders + connectionHeader(keep, answered.minorVersion);
      send(head(response, Response.Framing.LENGTH, more));
      if (!bodiless && response.body().isReadable()) {
        send(response.body().retainedDuplicate());
      }
    }
    loop().traffic().onAnswer(response.status());
    exchange = null;
    answered.finish();
    if (keep) {
      enter(Phase.IDLE);
      proceed();
    } else {
      enter(Phase.CLOSING);
      closeWhenSent();
    }
  }

  private static String connectionHeader(boolean keep, int minorVersion) {
    if (!keep) {
      return "Connection: close\r\n";
    }
    return minorVersion == 0 ? "Connection: keep-alive\r\n" : "";
  }

  private ByteBuf head(Response response, Response.Framing framing, String more) {
    ByteBuf head = alloc().directBuffer(response.headSize() + more.length());
    try {
      response.writeHead(head, loop().date(Loop.second()), framing, more);
    } catch (RuntimeException e) {
      head.release();
      throw e;
    }
    return head;
  }

  Outlet stream(Http1Exchange answered, Response response, OutletListener listener) {
    boolean chunked = answered.minorVersion == 1;
    boolean keep = answered.isKeepAlive && chunked && !isHalfClosed;
    StringBuilder more = new StringBuilder(answered.corsHeaders);
    if (!response.headers().containsKey("X-Accel-Buffering")) {
      more.append("X-Accel-Buffering: no\r\n");
    }
    if (!response.headers().containsKey("Cache-Control")) {
      more.append("Cache-Control: no-store\r\n");
    }
    more.append(keep || answered.isHead ? "" : "Connection: close\r\n");
    send(
        head(
            response,
            chunked ? Response.Framing.CHUNKED : Response.Framing.CLOSE,
            more.toString()));
    loop().traffic().onAnswer(response.status());
    boolean isHead = answered.isHead;
    exchange = null;
    answered.finish();
    if (isHead) {
      enter(answered.isKeepAlive ? Phase.IDLE : Phase.CLOSING);
      if (phase == Phase.CLOSING) {
        closeWhenSent();
      }
      proceed();
      return DeadOutlet.begin(loop(), listener);
    }
    keep &= input == null || input.isEmpty();
    releaseInput();
    StreamConnection stream = new StreamConnection(server, loop(), listener, chunked, keep);
    giveTo(stream);
    return stream;
  }

  void webSocket(Http1Exchange answered, @Nullable String subprotocol, WebSocketListener listener) {
    Problem problem = WebSocketHandshake.problem(answered.request());
    if (problem != null) {
      problem.answer(answered);
      return;
    }
    send(WebSocketHandshake.answer(alloc(), answered.request(), subprotocol));
    int limit = server.maxBody(answered.route());
    loop().traffic().onAnswer(101);
    exchange = null;
    answered.finish();
    ByteBuf early = null;
    if (input != null && !input.isEmpty()) {
      early = input.bytes();
      input = null;
    }
    releaseInput();
    WebSocketConnection socket = new WebSocketConnection(server, loop(), listener, limit);
    giveTo(socket);
    if (early != null) {
      if (socket.isGone()) {
        early.release();
      } else {
        socket.onBytes(early);
      }
    }
  }

  private void giveTo(Connection successor) {
    if (!channel().config().isAutoRead()) {
      setReading(true);
    }
    replaceWith(successor);
  }

  // ---- ending ----

  private void hurry() {
    Http1Exchange waiting = exchange;
    if (waiting != null && !isGone()) {
      if (waiting.isHeld()) {
        setTimer(HURRY_MILLIS);
        waiting.hurry();
      }
    }
  }

  /** Answers a request that was not read to its end, and reads the rest of it for nothing. */
  private void refuse(Problem problem) {
    ReceivedRequest refused = request;
    String cors = refused == null ? "" : server.admission().corsHeaders(refused);
    long unread = body != null ? body.expected() : mark;
    if (body != null) {
      body.release();
      body = null;
    }
    request = null;
    Http1Exchange opened = open(null);
    if (refused != null) {
      refused.release();
    }
    Response response = problem.response(alloc());
    try {
      send(head(response, Response.Framing.LENGTH, cors + "Connection: close\r\n"));
      send(response.body().retainedDuplicate());
    } finally {
      response.release();
    }
    loop().traffic().onAnswer(problem.status());
    exchange = null;
    opened.finish();
    enter(Phase.DRAIN);
    long most = server.limits().maxDrainBytes();
    mark = unread < 0 || unread > most ? most : unread;
    setReading(true);
    endSending();
    Http1Input rest = input;
    input = null;
    if (rest != null) {
      drain(rest.bytes());
    }
  }

  private void drain(ByteBuf bytes) {
    mark -= bytes.readableBytes();
    bytes.release();
    if (phase == Phase.DRAIN && mark < 0) {
      close();
    }
  }

  private void enter(Phase next) {
    phase = next;
    HttpLimits limits = server.limits();
    switch (next) {
      case IDLE -> {
        long idle = limits.idle().toMillis();
        setTimer(idle - ThreadLocalRandom.current().nextLong(idle / 5 + 1));
      }
      case HEAD -> setTimer(limits.headTime().toMillis());
      case BODY, DRAIN -> setTimer(limits.bodyPeriod().toMillis());
      case ANSWER, CLOSING -> clearTimer();
    }
  }

  private void releaseInput() {
    if (input != null) {
      input.release();
      input = null;
    }
  }
}
