package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.posthaste.access.Identity;
import io.posthaste.access.Session;
import io.posthaste.core.Shard;
import io.posthaste.core.Wheel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP connection, the last handler of its channel and, but for TLS, the only one, and its own
 * entry in the shard's wheel: an idle one is this object and what the channel itself needs. Knows
 * heartbeats, stalled and half-open peers; what the bytes mean is its subclass's. All of it belongs
 * to its loop's thread.
 *
 * <p>How a peer that is no longer there is noticed:
 *
 * <ul>
 *   <li><em>stalled</em>: bytes wait, and for the stall limit the kernel took none of them;
 *   <li><em>half-open</em>: seven tenths of a heartbeat after a heartbeat, the kernel is sending
 *       again what was not acknowledged, and has heard nothing for most of that time (native
 *       transport only). A peer that lives but does not read still acknowledges, so it is not taken
 *       for one that is gone, as {@code TCP_USER_TIMEOUT} would take it.
 *   <li>a connection that waits in silence, as a held poll does, is asked for a sign of life by TCP
 *       keep-alive, after a heartbeat's time (native transport only).
 * </ul>
 */
public abstract class Connection extends Wheel.Entry implements ChannelInboundHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final long START = System.nanoTime();
  private static final int ENTRY_OVERHEAD =
      Integer.getInteger("io.netty.transport.outboundBufferEntrySizeOverhead", 96);

  private final Loop loop;
  private final ConnectionLimits limits;

  // Links of the loop's list.
  @Nullable Connection previous;
  @Nullable Connection next;

  private long number; // of all of the server's, in the order in which they came
  private long openedMillis; // as the clock showed

  private @Nullable ChannelHandlerContext context;
  private long written; // bytes handed to the channel
  private long lastFlush; // milliseconds, as now()
  private long heartbeatAt; // 0: no heartbeats
  private long lifeCheckAt; // with heartbeats: when to ask the kernel about the peer
  private long timerAt; // 0: not set
  private long stalledSince; // 0: nothing waits
  private long acceptedThen; // bytes that the kernel had taken at stalledSince
  private @Nullable Socket socket; // native transport only: for writes past the channel's queue
  private @Nullable ByteMeter meter; // where other bytes than ours go to the socket, as with TLS
  private @Nullable ByteBuf held; // the one piece since the last flush, ours to release
  private boolean queuing; // the channel's queue may hold something
  private boolean unflushed;
  private boolean gone;
  private Standing standing = Standing.FREE;
  private @Nullable Identity holder; // among whose connections it counts

  /** What it takes of the quota. */
  private enum Standing {
    FREE,
    COUNTED,
    TOLD
  }

  /** A connection that will live on this loop. */
  protected Connection(Loop loop, ConnectionLimits limits) {
    this.loop = loop;
    this.limits = limits;
  }

  // ---- for the protocol ----

  /** The connection is there. */
  protected void onOpened() {}

  /**
   * Called instead of {@link #onOpened} where there are too many connections: to say so, and end.
   *
   * @param why what is too many, and what would be right
   * @param isOfAddress whether of this client's address, or of all
   */
  protected void onTooMany(String why, boolean isOfAddress) {
    close();
  }

  /** Bytes have come. Taken over. */
  protected abstract void onBytes(ByteBuf bytes);

  /** No more bytes are there for now: flush what they led to. */
  protected void onBytesEnd() {}

  /** The peer will send no more; it may still listen. */
  protected void onHalfClosed() {
    close();
  }

  /** More can be written again. */
  protected void onRoom() {}

  /** Nothing was sent for a heartbeat's time; only after {@link #startHeartbeats}. */
  protected void onSilence() {}

  /** The time set by {@link #setTimer} has come. */
  protected void onTimer() {}

  /**
   * The peer sent something else than TLS to a port of TLS: what to answer before the connection is
   * closed, handed over; null for nothing.
   */
  protected @Nullable ByteBuf answerToPlain() {
    return null;
  }

  /** The server is going down: bring the connection to its end. */
  protected abstract void onShutdown(int retryMillis);

  /** Who may what has changed: end what whoever is connected no longer may have. */
  protected void onAccessChanged() {}

  /** The connection is gone. Called once, last. */
  protected abstract void onGone();

  /** Of which connections it takes one. */
  protected ConnectionQuota quota() {
    return loop.quota();
  }

  /** What the connection is used for; asked now and then, when somebody wants to know. */
  protected Use use() {
    return Use.OTHER;
  }

  /** The loop that the connection lives on. */
  public final Loop loop() {
    return loop;
  }

  /** The shard that the connection lives on. */
  public final Shard shard() {
    return loop.shard();
  }

  /** Where buffers come from. */
  public final ByteBufAllocator alloc() {
    return context().alloc();
  }

  /** The channel, for what only it knows. */
  protected final Channel channel() {
    return context().channel();
  }

  /** Its number among all that the server has accepted, rising. */
  final long number() {
    return number;
  }

  /** When it was accepted, in milliseconds since 1970. */
  final long openedMillis() {
    return openedMillis;
  }

  /** The client's address and port, or what stands between it and us. */
  public final String peer() {
    return channel().remoteAddress() instanceof InetSocketAddress address
        ? NetUtil.toSocketAddressString(address)
        : "";
  }

  /** Who makes a request, by his address: the peer, or whom a trusted proxy speaks for. */
  final InetAddress client(Request request) {
    InetAddress peer = requireNonNull(peerAddress());
    TrustedProxies proxies = loop.quota().proxies();
    return proxies.trusts(peer)
        ? proxies.client(peer, request.headers("X-Forwarded-For"), request.headers("Forwarded"))
        : peer;
  }

  /** The same; null if all that is known is the proxy. */
  final @Nullable InetAddress knownClient(Request request) {
    InetAddress client = client(request);
    return loop.quota().proxies().trusts(client) ? null : client;
  }

  /** Whether it is spoken by TLS. */
  final boolean isSecure() {
    return channel().pipeline().get(SslHandler.class) != null;
  }

  /** The certificate that the client has shown, and that was verified; null if it showed none. */
  public final @Nullable ClientCertificate clientCertificate() {
    SslHandler tls = channel().pipeline().get(SslHandler.class);
    try {
      return tls != null
              && tls.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate shown
          ? ClientCertificate.of(shown)
          : null;
    } catch (SSLPeerUnverifiedException e) {
      return null;
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was verified cannot be written", e);
    }
  }

  /** The address at the other end; null if it has none. */
  public final @Nullable InetAddress peerAddress() {
    return channel().remoteAddress() instanceof InetSocketAddress peer ? peer.getAddress() : null;
  }

  /**
   * The client's address; null if it is not known, as where a trusted proxy hands bytes on, for
   * many.
   */
  public final @Nullable InetAddress clientAddress() {
    InetAddress peer = peerAddress();
    return peer == null || loop.quota().proxies().trusts(peer) ? null : peer;
  }

  /**
   * Has it count among the connections of whoever uses it from now on. One that many use, as a
   * proxy's, is the last one's; whoever has proved nothing counts by his address alone.
   *
   * @return whether he may have it; if not, it stays whose it was
   */
  public final boolean countFor(Session session) {
    Identity user = session.identity();
    boolean isCounted =
        user.kind() != Identity.Kind.ANONYMOUS && user.kind() != Identity.Kind.OPERATOR;
    if (gone || !isCounted || user.equals(holder)) {
      return true;
    }
    if (!quota().take(user)) {
      return false;
    }
    giveBackHolder();
    holder = user;
    return true;
  }

  private void giveBackHolder() {
    if (holder != null) {
      quota().giveBack(holder);
      holder = null;
    }
  }

  /** Whether the connection is gone or has been replaced. */
  protected final boolean isGone() {
    return gone;
  }

  /** Queues bytes, taken over. They are released if the connection is gone. */
  protected final void send(ByteBuf bytes) {
    if (gone) {
      bytes.release();
      return;
    }
    count(bytes);
    if (canHold()) {
      hold(bytes);
    } else {
      queueHeld();
      queue(bytes);
    }
  }

  /**
   * Queues bytes that are sent to others as well. Borrows them; neither they nor their indexes may
   * change until they are sent.
   */
  protected final void sendShared(ByteBuf bytes) {
    if (gone) {
      return;
    }
    count(bytes);
    if (canHold()) {
      hold(bytes.retain());
    } else {
      queueHeld();
      queue(bytes.retainedDuplicate());
    }
  }

  // Most of what is sent is one piece, while the socket takes everything. It goes to the kernel as
  // it is, past the channel's queue: a fan-out visits thousands of connections in turn, none of
  // whose objects is in the processor's cache, so each that it need not touch is time won.

  private boolean canHold() {
    return !unflushed && socket != null && !isQueuing();
  }

  private void hold(ByteBuf bytes) {
    held = bytes;
    unflushed = true;
  }

  private void count(ByteBuf bytes) {
    if (meter != null) {
      return;
    }
    int length = bytes.readableBytes();
    written += length;
    loop.traffic().onBytesOut(length);
  }

  private void queue(ByteBuf bytes) {
    ChannelHandlerContext context = context();
    unflushed = true;
    queuing = true;
    context.write(bytes, context.voidPromise());
  }

  private void queueHeld() {
    ByteBuf bytes = held;
    if (bytes != null) {
      held = null;
      queue(bytes.duplicate());
    }
  }

  private boolean isQueuing() {
    queuing = queuing && isQueued();
    return queuing;
  }

  /** Gives what is queued to the kernel, as far as it takes it. Costs nothing if nothing is. */
  protected final void flushBytes() {
    if (gone || !unflushed) {
      return;
    }
    lastFlush = now();
    if (isHeldSent()) {
      unflushed = false;
      return;
    }
    queueHeld();
    unflushed = false;
    context().flush();
    if (!gone && stalledSince == 0 && isQueuing()) {
      stalledSince = lastFlush;
      acceptedThen = accepted();
      arm();
    }
  }

  /** Tries to send what is held without the channel; what is left of it is held still. */
  private boolean isHeldSent() {
    ByteBuf bytes = held;
    Socket socket = this.socket;
    // The channel closes its socket before it tells.
    if (bytes == null || socket == null || !socket.isOpen() || !bytes.hasMemoryAddress()) {
      return false;
    }
    int from = bytes.readerIndex();
    int to = bytes.writerIndex();
    int sent;
    try {
      sent = socket.sendAddress(bytes.memoryAddress(), from, to);
    } catch (IOException e) {
      return false; // the channel will meet the same, and knows what to do
    }
    if (sent < to - from) {
      if (sent > 0) {
        held = bytes.retainedSlice(from + sent, to - from - sent);
        bytes.release();
      }
      return false;
    }
    held = null;
    bytes.release();
    return true;
  }

  private void dropHeld() {
    ByteBuf bytes = held;
    if (bytes != null) {
      held = null;
      bytes.release();
    }
  }

  /** Whether more should be written now. */
  protected final boolean hasRoom() {
    return !gone && (!queuing || context().channel().isWritable());
  }

  /** Gives to the kernel what a codec has queued, as {@link #flushBytes} does with what we have. */
  protected final void flushQueued() {
    unflushed = true;
    queuing = true;
    flushBytes();
  }

  /**
   * Puts a codec between the socket and this connection, which from now on sends by the codec only.
   *
   * @return the codec's place in the pipeline
   */
  final ChannelHandlerContext addCodec(ChannelHandler codec) {
    ChannelPipeline pipeline = context().pipeline();
    socket = null;
    if (meter == null) {
      meter = new ByteMeter(loop.traffic());
      pipeline.addFirst(meter);
    }
    pipeline.addBefore(context().name(), null, codec);
    return pipeline.context(codec);
  }

  /** Goes on or pauses with reading from the peer. */
  protected final void setReading(boolean reading) {
    // Once the peer has said all, epoll has let go of the channel's input and knows it no more.
    boolean over = context().channel() instanceof DuplexChannel duplex && duplex.isInputShutdown();
    if (!gone && !over) {
      context().channel().config().setAutoRead(reading);
    }
  }

  /** Has {@link #onSilence} called whenever nothing was sent for a heartbeat's time. */
  protected final void startHeartbeats() {
    lastFlush = now();
    heartbeatAt = lastFlush + spreadHeartbeat();
    lifeCheckAt = heartbeatAt;
    arm();
  }

  /** Has {@link #onTimer} called once, in so many milliseconds; replaces an earlier setting. */
  protected final void setTimer(long millis) {
    timerAt = now() + millis;
    arm();
  }

  /** Takes back {@link #setTimer}. */
  protected final void clearTimer() {
    if (timerAt != 0) {
      timerAt = 0;
      arm();
    }
  }

  /** Closes at once; what is queued is lost. */
  protected final void close() {
    if (!gone) {
      context().close();
    }
  }

  /** Closes once all that is queued has been taken by the kernel. */
  protected final void closeWhenSent() {
    if (!gone) {
      queueHeld();
      context().write(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      unflushed = true;
      flushBytes();
    }
  }

  /**
   * Ends the sending side once all that is queued has been taken by the kernel. Whoever calls this
   * goes on reading, and drops it, until the peer closes too: closing while bytes are unread would
   * reset the connection, and the peer might never see what was sent last. By TLS no close_notify
   * goes before (RFC 8446, 6.1), for what still comes could not be read then: only for what says
   * its own length.
   */
  protected final void endSending() {
    if (!gone) {
      queueHeld();
      context()
          .write(Unpooled.EMPTY_BUFFER)
          .addListener(
              (ChannelFutureListener) sent -> ((DuplexChannel) sent.channel()).shutdownOutput());
      unflushed = true;
      flushBytes();
    }
  }

  /** Closes with a reset, so that the kernel keeps nothing for the peer either. */
  protected final void reset() {
    if (!gone) {
      context().channel().config().setOption(ChannelOption.SO_LINGER, 0);
      // Past TLS, whose last words the peer would have to take first.
      context().pipeline().firstContext().close();
    }
  }

  /** Lets another protocol's object take the connection over; this one hears no more of it. */
  protected final void replaceWith(Connection successor) {
    ChannelHandlerContext context = context();
    queueHeld();
    gone = true;
    shard().wheel().cancel(this);
    loop.remove(this);
    successor.number = number;
    successor.openedMillis = openedMillis;
    successor.standing = standing;
    successor.holder = holder;
    successor.written = written;
    successor.unflushed = unflushed;
    successor.queuing = queuing;
    context.pipeline().replace(this, null, successor);
    loop.add(successor);
    successor.onOpened();
    if (!successor.gone && successor.isSending()) {
      successor.stalledSince = now();
      successor.acceptedThen = successor.accepted();
      successor.arm();
    }
  }

  /** Milliseconds of a clock that only goes forward; never 0. */
  protected static long now() {
    return (System.nanoTime() - START) / 1_000_000 + 1;
  }

  // ---- the wheel ----

  @Override
  protected final void onDeadline() {
    if (gone) {
      return;
    }
    long now = now();
    if (isStalled(now)) {
      LOG.debug("cut=stalled peer={}", channel().remoteAddress());
      loop.traffic().onStallCut();
      reset();
      return;
    }
    if (heartbeatAt != 0 && now >= lifeCheckAt) {
      if (isHalfOpen()) {
        LOG.debug("cut=half-open peer={}", channel().remoteAddress());
        loop.traffic().onHalfOpenCut();
        reset();
        return;
      }
      lifeCheckAt = now + heartbeatMillis() * 7 / 10;
    }
    if (heartbeatAt != 0 && now >= heartbeatAt) {
      if (now - lastFlush >= heartbeatMillis() * 8 / 10) {
        heartbeatAt = now + spreadHeartbeat();
        lifeCheckAt = now + heartbeatMillis() * 7 / 10;
        onSilence();
      } else {
        heartbeatAt = lastFlush + spreadHeartbeat();
      }
    }
    if (!gone && timerAt != 0 && now >= timerAt) {
      timerAt = 0;
      onTimer();
    }
    if (!gone) {
      arm();
    }
  }

  private void arm() {
    long due = Long.MAX_VALUE;
    if (timerAt != 0) {
      due = timerAt;
    }
    if (heartbeatAt != 0) {
      due = Math.min(due, Math.min(heartbeatAt, lifeCheckAt));
    }
    long now = now();
    if (stalledSince != 0) {
      due = Math.min(due, now + limits.stall().toMillis() / 4);
    }
    if (due == Long.MAX_VALUE) {
      shard().wheel().cancel(this);
    } else {
      shard().wheel().set(this, Math.max(0, due - now));
    }
  }

  private long heartbeatMillis() {
    return limits.heartbeat().toMillis();
  }

  private long spreadHeartbeat() {
    // At most 1.1 and, to the look at the kernel, 0.7 more: half-open peers are noticed within two.
    long heartbeat = heartbeatMillis();
    return heartbeat * 8 / 10 + ThreadLocalRandom.current().nextLong(heartbeat * 3 / 10 + 1);
  }

  private boolean isStalled(long now) {
    if (stalledSince == 0) {
      return false;
    }
    if (!isSending()) {
      stalledSince = 0;
      return false;
    }
    long accepted = accepted();
    if (accepted != acceptedThen) {
      acceptedThen = accepted;
      stalledSince = now;
      return false;
    }
    return now - stalledSince >= limits.stall().toMillis();
  }

  /** Whether something that was written has not yet been taken by the kernel. */
  protected final boolean isSending() {
    return held != null || isQueued();
  }

  private boolean isQueued() {
    ChannelOutboundBuffer queue = channel().unsafe().outboundBuffer();
    return queue != null && queue.totalPendingWriteBytes() > 0;
  }

  /** How many of the written bytes the kernel has taken. */
  private long accepted() {
    ChannelOutboundBuffer queue = channel().unsafe().outboundBuffer();
    long written = meter == null ? this.written : meter.written();
    if (queue == null) {
      return written;
    }
    // The queue counts an overhead for each of its entries, and an entry whole until it has gone.
    long waiting = queue.totalPendingWriteBytes() - (long) ENTRY_OVERHEAD * queue.size();
    return written - waiting + Math.max(0, queue.currentProgress());
  }

  private boolean isHalfOpen() {
    if (!(channel() instanceof EpollSocketChannel socket) || !socket.isActive()) {
      return false;
    }
    EpollTcpInfo info = loop.tcpInfo();
    socket.tcpInfo(info);
    // A retransmission timeout doubles each time, so it is about as long as nothing was
    // acknowledged
    // since the first loss: a short loss does not look like an end.
    return info.retransmits() > 0
        && info.lastAckRecv() >= heartbeatMillis() * 6 / 10
        && info.rto() >= heartbeatMillis() * 300; // microseconds: three tenths
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext context = this.context;
    if (context == null) {
      throw new IllegalStateException("not yet connected");
    }
    return context;
  }

  // ---- what the channel tells ----

  @Override
  public final void handlerAdded(ChannelHandlerContext context) {
    this.context = context;
    meter = context.pipeline().get(ByteMeter.class);
    if (meter == null
        && context.channel() instanceof UnixChannel unix
        && unix.fd() instanceof Socket itsSocket) {
      socket = itsSocket;
    }
  }

  @Override
  public final void handlerRemoved(ChannelHandlerContext context) {}

  @Override
  public final void channelRegistered(ChannelHandlerContext context) {}

  @Override
  public final void channelUnregistered(ChannelHandlerContext context) {}

  @Override
  public final void channelActive(ChannelHandlerContext context) {
    loop.traffic().onAccepted();
    number = loop.nextNumber();
    openedMillis = System.currentTimeMillis();
    loop.add(this);
    if (loop.isDraining()) {
      close();
    } else if (isAdmitted()) {
      onOpened();
    }
  }

  /** Takes one of the quota, or says that there is none and ends. */
  private boolean isAdmitted() {
    InetAddress peer = peerAddress();
    if (peer == null) {
      return true;
    }
    ConnectionQuota quota = quota();
    ConnectionQuota.Admitted admitted = quota.take(peer);
    if (admitted == ConnectionQuota.Admitted.YES) {
      standing = Standing.COUNTED;
      return true;
    }
    if (!quota.mayBeTold()) {
      reset();
      return false;
    }
    standing = Standing.TOLD;
    boolean isOfAddress = admitted == ConnectionQuota.Admitted.ADDRESS_FULL;
    onTooMany(
        isOfAddress
            ? "connections: this address has as many as it may (expected: at most "
                + quota.mostPerAddress()
                + ")"
            : "connections: there are as many as there may be (expected: at most "
                + quota.most()
                + "; a retry later, or elsewhere)",
        isOfAddress);
    return false;
  }

  private void giveBackStanding() {
    InetAddress peer = peerAddress();
    if (standing == Standing.COUNTED && peer != null) {
      quota().giveBack(peer);
    } else if (standing == Standing.TOLD) {
      quota().wasTold();
    }
    standing = Standing.FREE;
    giveBackHolder();
  }

  @Override
  public final void channelInactive(ChannelHandlerContext context) {
    if (gone) {
      return;
    }
    gone = true;
    dropHeld();
    shard().wheel().cancel(this);
    loop.remove(this);
    loop.traffic().onClosed();
    giveBackStanding();
    onGone();
  }

  @Override
  public final void channelRead(ChannelHandlerContext context, Object message) {
    if (gone || !(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (meter == null) {
      loop.traffic().onBytesIn(bytes.readableBytes());
    }
    onBytes(bytes);
  }

  @Override
  public final void channelReadComplete(ChannelHandlerContext context) {
    if (!gone) {
      onBytesEnd();
    }
  }

  @Override
  public final void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (gone) {
      return;
    }
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      onHalfClosed();
    } else if (event instanceof SslHandshakeCompletionEvent handshake) {
      onHandshake(handshake);
    } else if (event instanceof SslCloseCompletionEvent) {
      close(); // TLS 1.2 knows no half-closed connections, so no client expects an answer
    }
  }

  private void onHandshake(SslHandshakeCompletionEvent handshake) {
    if (handshake.isSuccess()) {
      loop.traffic().onHandshake(Traffic.Handshake.DONE);
      return;
    }
    Throwable cause = handshake.cause();
    LOG.debug("tls=failed peer={} cause={}", channel().remoteAddress(), cause.toString());
    if (cause instanceof NotSslRecordException) {
      loop.traffic().onHandshake(Traffic.Handshake.PLAIN);
      ByteBuf answer = answerToPlain();
      if (answer != null) {
        context().pipeline().firstContext().writeAndFlush(answer);
      }
    } else {
      boolean slow = cause instanceof SslHandshakeTimeoutException;
      loop.traffic().onHandshake(slow ? Traffic.Handshake.SLOW : Traffic.Handshake.FAILED);
    }
  }

  @Override
  public final void channelWritabilityChanged(ChannelHandlerContext context) {
    if (!gone && context.channel().isWritable()) {
      onRoom();
    }
  }

  @Override
  @SuppressWarnings("deprecation") // of the interface's; there is no other way to hear of it
  public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    boolean isPeers =
        cause instanceof IOException
            || cause instanceof DecoderException && cause.getCause() instanceof SSLException;
    if (!isPeers) {
      LOG.error("connection failed, closing it peer={}", channel().remoteAddress(), cause);
    }
    if (!gone) {
      context.close();
    }
  }
}
