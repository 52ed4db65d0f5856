package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that speaks HTTP/2 (RFC 9113). Netty's codec stands before it in the pipeline and
 * does frames, header compression and flow control; here streams become {@link Http2Exchange}s. A
 * stream is that one object and the codec's own, not a channel: thousands may wait.
 */
final class Http2Connection extends Connection {
  /** What a client's connection begins with; the codec checks the rest of it. */
  static final ByteBuf PREFACE =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\n", StandardCharsets.US_ASCII).asReadOnly());

  /** Streams at once: a browser has one connection for all of its tabs. */
  static final int MAX_STREAMS = 256;

  /** Of bodies that are not yet whole. */
  private static final int MAX_GATHERED_BYTES = 16 << 20;

  /** Of answers that wait for their streams' windows, before another request is begun. */
  private static final int MAX_WAITING_BYTES = 8 << 20;

  /** Resets, and frames that are only answered or noted, that a client may send in a while. */
  private static final int MAX_RESETS = 200;

  private static final int RESETS_SECONDS = 30;
  private static final int MAX_IDLE_FRAMES = 1_000;
  private static final long IDLE_FRAMES_MILLIS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(Http2Connection.class);

  private final HttpServer server;
  private final Http2ConnectionHandler codec;
  private final io.netty.handler.codec.http2.Http2Connection.PropertyKey key;
  private @Nullable ChannelHandlerContext place; // the codec's
  private final Deque<Http2Sender> withRoom = new ArrayDeque<>();
  private long gatheredBytes;
  private long waitingBytes; // of answers, not yet taken by the kernel
  private int idleFrames;
  private long idleFramesSince;
  private boolean isReading;
  private boolean isUnflushed;
  private boolean isFlushComing;
  private boolean isEnding;

  Http2Connection(HttpServer server, Loop loop) {
    super(loop, server.limits().connection());
    this.server = server;
    HttpLimits limits = server.limits();
    Http2Settings settings =
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(MAX_STREAMS)
            .maxHeaderListSize((long) limits.maxRequestLineBytes() + limits.maxHeaderBytes());
    codec =
        new Http2ConnectionHandlerBuilder()
            .server(true)
            .initialSettings(settings)
            .frameListener(new Frames())
            .decoupleCloseAndGoAway(true)
            .gracefulShutdownTimeoutMillis(limits.closeTime().toMillis())
            .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS)
            .encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS)
            .build();
    key = codec.connection().newKey();
    codec.connection().addListener(new Streams());
    codec.encoder().flowController().listener(this::onWritability);
  }

  /** Goes on with bytes that were received before, from the preface on. Taken over. */
  void begin(ByteBuf early) {
    try {
      isReading = true;
      codec.channelRead(codecContext(), early);
    } catch (Exception e) {
      codecContext().fireExceptionCaught(e);
    }
  }

  HttpServer server() {
    return server;
  }

  @Nullable InetSocketAddress local() {
    return channel().localAddress() instanceof InetSocketAddress local ? local : null;
  }

  long heartbeatMillis() {
    return server.limits().connection().heartbeat().toMillis();
  }

  long stallMillis() {
    return server.limits().connection().stall().toMillis();
  }

  private ChannelHandlerContext codecContext() {
    ChannelHandlerContext context = place;
    if (context == null) {
      throw new IllegalStateException("not yet begun");
    }
    return context;
  }

  /** Who is told of a stream, if it is one of ours and still there. */
  Optional<Http2Sender> senderOf(Http2Stream stream) {
    return Optional.ofNullable(stream.getProperty(key));
  }

  private Optional<Http2Sender> senderOf(int streamId) {
    Http2Stream stream = codec.connection().stream(streamId);
    return stream == null ? Optional.empty() : senderOf(stream);
  }

  // ---- what comes ----

  /** What the codec has read. */
  private final class Frames extends Http2FrameAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int streamId,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean isLast) {
      onHeadersRead(context, streamId, headers, padding, isLast);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int streamId,
        Http2Headers headers,
        int padding,
        boolean isLast) {
      Http2Stream stream = codec.connection().stream(streamId);
      if (stream == null) {
        return;
      }
      isReading = true; // until onBytesEnd
      Optional<Http2Sender> sender = senderOf(stream);
      if (sender.isEmpty()) {
        try {
          onRequest(stream, headers, isLast);
        } catch (RuntimeException e) { // the codec would end the connection, and say nothing
          LOG.error("request failed peer={}", peer(), e);
          reset(stream, Http2Error.INTERNAL_ERROR);
        }
      } else if (isLast) {
        sender.get().onData(Unpooled.EMPTY_BUFFER, true); // these are trailers: may be dropped
      }
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean isLast) {
      int length = data.readableBytes() + padding;
      isReading = true;
      senderOf(streamId).ifPresent(sender -> sender.onData(data, isLast));
      return length;
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext context, int streamId, int increment) {
      senderOf(streamId).ifPresent(sender -> sender.onGranted(increment));
    }

    @Override
    public void onPingRead(ChannelHandlerContext context, long data) throws Http2Exception {
      onIdleFrame();
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings)
        throws Http2Exception {
      onIdleFrame();
    }

    @Override
    public void onPriorityRead(
        ChannelHandlerContext context,
        int streamId,
        int dependency,
        short weight,
        boolean exclusive)
        throws Http2Exception {
      onIdleFrame();
    }
  }

  /** A frame that makes work and asks for nothing. */
  private void onIdleFrame() throws Http2Exception {
    long now = now();
    if (now - idleFramesSince >= IDLE_FRAMES_MILLIS) {
      idleFramesSince = now;
      idleFrames = 0;
    }
    if (++idleFrames > MAX_IDLE_FRAMES) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM,
          "more than %d frames of PING, SETTINGS or PRIORITY in %d s",
          MAX_IDLE_FRAMES,
          IDLE_FRAMES_MILLIS / 1_000);
    }
  }

  private void onRequest(Http2Stream stream, Http2Headers headers, boolean isWhole) {
    if (isEnding || loop().isDraining() || isFull()) {
      reset(stream, Http2Error.REFUSED_STREAM); // it was not looked at: safe to repeat
      return;
    }
    RequestHead head;
    try {
      head = Http2Head.of(headers);
    } catch (Refusal refusal) {
      Http2Exchange unreadable = new Http2Exchange(this, stream, null);
      give(stream, unreadable);
      refusal.problem().answer(unreadable);
      return;
    }
    if (head == null) {
      reset(stream, Http2Error.PROTOCOL_ERROR);
      return;
    }
    Http2Exchange exchange = new Http2Exchange(this, stream, new ReceivedRequest(head));
    give(stream, exchange);
    exchange.begin(isWhole);
  }

  /** Whether so much waits for the client to take it that nothing more is begun. */
  private boolean isFull() {
    return waitingBytes > MAX_WAITING_BYTES;
  }

  /** Says who is told of a stream. */
  void give(Http2Stream stream, Http2Sender sender) {
    stream.setProperty(key, sender);
  }

  /**
   * Checks what is gathered of bodies.
   *
   * @param own how much of it is the asking one's
   * @throws Refusal if the others' are too much together
   */
  void checkGathered(int own) {
    if (gatheredBytes - own > MAX_GATHERED_BYTES) {
      throw new Refusal(
          503,
          "bodies: too much at once on one connection (expected: at most "
              + MAX_GATHERED_BYTES
              + " bytes that are not whole)");
    }
  }

  /** So many bytes more are gathered, or fewer. */
  void gathered(int more) {
    gatheredBytes += more;
  }

  @Override
  protected void onBytes(ByteBuf bytes) {
    bytes.release(); // the codec takes all
  }

  @Override
  protected void onBytesEnd() {
    isReading = false;
    flushNow();
  }

  // ---- what goes ----

  /** Sends the head of an answer. */
  void writeHead(
      Http2Stream stream, Response response, String more, boolean isStreamed, boolean isLast) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    headers.status(Integer.toString(response.status()));
    headers.add("date", loop().date(Loop.second()));
    response.headers().forEach((name, value) -> add(headers, name, value));
    if (isStreamed) {
      if (!response.headers().containsKey("X-Accel-Buffering")) {
        headers.add("x-accel-buffering", "no");
      }
      if (!response.headers().containsKey("Cache-Control")) {
        headers.add("cache-control", "no-store");
      }
    } else if (!Status.isBodiless(response.status())) {
      headers.addInt("content-length", response.body().readableBytes());
    }
    for (String line : more.split("\r\n")) {
      int colon = line.indexOf(": ");
      if (colon > 0) {
        add(headers, line.substring(0, colon), line.substring(colon + 2));
      }
    }
    loop().traffic().onAnswer(response.status());
    ChannelFuture written =
        codec
            .encoder()
            .writeHeaders(
                codecContext(), stream.id(), headers, 0, isLast, codecContext().newPromise());
    isUnflushed = true;
    if (isLast) {
      endRequest(stream, written);
    }
  }

  private static void add(Http2Headers headers, String name, String value) {
    String lower = name.toLowerCase(Locale.ROOT);
    Response.checkValue(name, value);
    switch (lower) {
      case "connection", "keep-alive", "transfer-encoding", "upgrade" -> {} // HTTP/1.1's own
      default -> headers.add(lower, new AsciiString(value.getBytes(StandardCharsets.UTF_8), false));
    }
  }

  /** Says that the body is wanted (RFC 9110, 10.1.1). */
  void proceed(Http2Stream stream) {
    Http2Headers headers = new DefaultHttp2Headers(false).status("100");
    codec
        .encoder()
        .writeHeaders(codecContext(), stream.id(), headers, 0, false, codecContext().newPromise());
    isUnflushed = true;
    flushSoon();
  }

  /** Queues a part of a body, taken over. */
  void write(Http2Stream stream, ByteBuf data, boolean isLast) {
    int length = data.readableBytes();
    waitingBytes += length;
    ChannelFuture written =
        codec
            .encoder()
            .writeData(codecContext(), stream.id(), data, 0, isLast, codecContext().newPromise());
    written.addListener(done -> waitingBytes -= length);
    isUnflushed = true;
    if (isLast) {
      endRequest(stream, written);
    }
  }

  /** Ends an answer with trailers, once what was queued of it is sent. */
  void writeTrailers(Http2Stream stream, Map<String, String> trailers) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    trailers.forEach((name, value) -> add(headers, name, value));
    ChannelFuture written =
        codec
            .encoder()
            .writeHeaders(
                codecContext(), stream.id(), headers, 0, true, codecContext().newPromise());
    isUnflushed = true;
    endRequest(stream, written);
  }

  /** Once an answer is sent, no more of its request is wanted (RFC 9113, 8.1). */
  private void endRequest(Http2Stream stream, ChannelFuture written) {
    if (!stream.state().remoteSideOpen()) {
      return;
    }
    written.addListener(
        (ChannelFutureListener)
            done -> {
              if (done.isSuccess() && stream.state().remoteSideOpen()) {
                reset(stream, Http2Error.NO_ERROR);
              }
            });
  }

  /** Ends a stream at once. */
  void reset(Http2Stream stream, Http2Error why) {
    codec.resetStream(codecContext(), stream.id(), why.code(), codecContext().newPromise());
    isUnflushed = true;
    flushSoon();
  }

  /** Whether something that was written waits for the client to allow it, or to take it. */
  boolean isHeldBack(Http2Stream stream) {
    return codec.encoder().flowController().hasFlowControlled(stream);
  }

  /** Bytes that may yet be sent on a stream. */
  int window(Http2Stream stream) {
    return codec.encoder().flowController().windowSize(stream);
  }

  boolean hasRoom(Http2Stream stream) {
    return codec.encoder().flowController().isWritable(stream);
  }

  /** Sends what is queued, with whatever other streams queue until the loop is done with this. */
  void flushSoon() {
    if (!isReading && !isFlushComing && !isGone()) {
      isFlushComing = true;
      loop()
          .eventLoop()
          .execute(
              () -> {
                isFlushComing = false;
                flushNow();
              });
    }
  }

  private void flushNow() {
    if (isUnflushed) {
      isUnflushed = false;
      flushQueued();
    }
  }

  /** Called in the midst of the codec's own work: the sender is told when that is done. */
  private void onWritability(Http2Stream stream) {
    Http2Sender sender = senderOf(stream).orElse(null);
    if (sender == null || !hasRoom(stream)) {
      return;
    }
    if (withRoom.isEmpty()) {
      loop().eventLoop().execute(this::tellRoom);
    }
    withRoom.add(sender);
  }

  private void tellRoom() {
    for (int i = withRoom.size(); i > 0; i--) {
      Http2Sender sender = withRoom.remove();
      if (!sender.isClosed()) {
        sender.onRoom();
      }
    }
    if (!withRoom.isEmpty()) {
      loop().eventLoop().execute(this::tellRoom);
    }
  }

  // ---- life ----

  /** Streams that come and go. */
  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamActive(Http2Stream stream) {
      clearTimer();
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
      senderOf(stream).ifPresent(Http2Sender::close);
      if (codec.connection().numActiveStreams() == 0 && !isGone()) {
        rest();
      }
    }
  }

  /** Nothing is asked any more: ends, or waits for another request. */
  private void rest() {
    if (isEnding) {
      loop().eventLoop().execute(this::closeWhenSent);
    } else {
      waitForRequests();
    }
  }

  private void waitForRequests() {
    long idle = server.limits().idle().toMillis();
    setTimer(idle - ThreadLocalRandom.current().nextLong(idle / 5 + 1));
  }

  private List<Http2Sender> senders() {
    List<Http2Sender> all = new ArrayList<>();
    try {
      codec
          .connection()
          .forEachActiveStream(
              stream -> {
                senderOf(stream).ifPresent(all::add);
                return true;
              });
    } catch (Http2Exception e) {
      throw new IllegalStateException("a visitor that throws nothing has thrown", e);
    }
    return all;
  }

  @Override
  protected void onOpened() {
    place = addCodec(codec);
    waitForRequests();
    startHeartbeats();
  }

  @Override
  protected void onSilence() {
    if (codec.connection().numActiveStreams() > 0) {
      // Whether the peer is still there, only its kernel's answer to something sent will show.
      codec.encoder().writePing(codecContext(), false, now(), codecContext().newPromise());
      flushQueued();
    }
  }

  @Override
  protected void onTimer() {
    if (codec.connection().numActiveStreams() == 0) {
      sayGoodbye();
      closeWhenSent();
    }
  }

  @Override
  protected void onShutdown(int retryMillis) {
    sayGoodbye();
    for (Http2Sender sender : senders()) {
      sender.onShutdown(retryMillis);
    }
    if (codec.connection().numActiveStreams() == 0) {
      closeWhenSent();
    }
  }

  /** Tells which requests are still answered: those that have come. */
  private void sayGoodbye() {
    isEnding = true;
    int last = codec.connection().remote().lastStreamCreated();
    codec.goAway(
        codecContext(),
        last,
        Http2Error.NO_ERROR.code(),
        Unpooled.EMPTY_BUFFER,
        codecContext().newPromise());
    flushQueued();
  }

  @Override
  protected void onAccessChanged() {
    senders().forEach(Http2Sender::onAccessChanged);
  }

  @Override
  protected ConnectionQuota quota() {
    return server.quota();
  }

  @Override
  protected Use use() {
    Use all = Use.HTTP;
    for (Http2Sender sender : senders()) {
      all = all.and(sender.use());
    }
    return all;
  }

  @Override
  protected void onGone() {
    senders().forEach(Http2Sender::close);
  }
}
