package io.posthaste.door.tcp;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Access;
import io.posthaste.access.Credential;
import io.posthaste.access.Proved;
import io.posthaste.access.Session;
import io.posthaste.core.MalformedException;
import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.Error;
import io.posthaste.door.tcp.v1.ErrorCode;
import io.posthaste.door.tcp.v1.Goodbye;
import io.posthaste.door.tcp.v1.Hello;
import io.posthaste.door.tcp.v1.Ping;
import io.posthaste.door.tcp.v1.ServerFrame;
import io.posthaste.door.tcp.v1.Welcome;
import io.posthaste.server.ClientCertificate;
import io.posthaste.server.Connection;
import io.posthaste.server.ConnectionLimits;
import io.posthaste.server.Guard;
import io.posthaste.server.Loop;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Use;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection: splits what comes into frames, has them introduced by a Hello, keeps both
 * sides' heartbeats, and ends in order. What the frames ask for is the {@link TcpSession}'s.
 *
 * <pre>
 *   NEW ──Hello──▶ OPEN ──last words──▶ ENDING ──peer's end, or 1 s──▶ gone
 *    └──────────no Hello, no frame──────────▲
 * </pre>
 */
final class TcpConnection extends Connection {
  static final String PROTOCOL = "posthaste.v1";

  private static final int MAX_HELLO_BYTES = 64 << 10;
  private static final int MAX_CLIENT_CHARS = 128;
  private static final int SILENT_HEARTBEATS = 3;

  /** Of a frame that is too large, so much is skipped; a client that sends more is sent away. */
  private static final long MAX_SKIPPED_BYTES = 8 << 20;

  /** So much of an unfinished frame counts as much as a frame: slowness is no silence. */
  private static final int HEARD_BYTES = 1 << 10;

  /** How long a peer may take to read the last words. */
  private static final int LINGER_MILLIS = 1_000;

  private static final int REF_TAG = 0x08;
  private static final int HELLO_TAG = 0x12;
  private static final String TO_PLAIN =
      "posthaste: this port speaks TLS (expected: a TLS handshake)\n";
  private static final String TO_STRANGERS =
      "posthaste: expected a Hello frame of posthaste.v1 (binary); HTTP and WebSocket are served on"
          + " a port of their own\n";

  private enum State {
    NEW,
    OPEN,
    ENDING
  }

  private final TcpDoor door;
  private final FrameSplitter splitter = new FrameSplitter();
  private State state = State.NEW;
  private @Nullable TcpSession session; // once open
  private boolean counted; // by the cache
  private boolean decoding;
  private boolean proving; // who it is, since its Hello
  private boolean tooFast; // published more than it may, a moment ago
  private boolean paused; // not reading: too much is unanswered, or answers are not taken
  private boolean halfClosed; // the peer has said all it will
  private boolean unflushed;
  private int heartbeatMillis;
  private long lastSent; // milliseconds, as now()
  private long lastHeard;
  private long lastPing;
  private int unfinished; // bytes since lastHeard

  TcpConnection(TcpDoor door, Loop loop, ConnectionLimits limits) {
    super(loop, limits);
    this.door = door;
  }

  TcpDoor door() {
    return door;
  }

  // ---- what comes ----

  @Override
  protected void onOpened() {
    counted = true;
    door.cache(loop()).onOpened();
    setTimer(door.options().helloLimit().toMillis());
  }

  @Override
  protected void onTooMany(String why, boolean isOfAddress) {
    fail(0, new Refusal(ErrorCode.BUSY, why, true, null));
  }

  @Override
  protected void onBytes(ByteBuf bytes) {
    if (state == State.ENDING) {
      bytes.release();
      return;
    }
    unfinished += bytes.readableBytes();
    if (unfinished >= HEARD_BYTES) {
      heard();
    }
    splitter.add(alloc(), bytes);
    decode();
  }

  @Override
  protected void onBytesEnd() {
    flush();
  }

  @Override
  protected ByteBuf answerToPlain() {
    return ByteBufUtil.writeUtf8(alloc(), TO_PLAIN);
  }

  private void heard() {
    lastHeard = now();
    unfinished = 0;
  }

  /** Takes what frames there are, as far as they may be taken now. */
  private void decode() {
    if (decoding) {
      return;
    }
    decoding = true;
    boolean more;
    do {
      more = takeFrames();
      if (session != null) {
        session.publishGathered();
      }
      // What is answered at once, as by a log in memory, makes room for more.
    } while (more && !isFull());
    decoding = false;
    pause(more && state != State.ENDING);
    endIfServed();
  }

  /** Returns whether it stopped because it is full. */
  private boolean takeFrames() {
    while (state != State.ENDING) {
      if (isFull()) {
        return true;
      }
      if (state == State.NEW && isStranger()) {
        refuseStranger();
        return false;
      }
      switch (splitter.next(state == State.NEW ? MAX_HELLO_BYTES : door.maxFrameBytes())) {
        case MORE_BYTES -> {
          return false;
        }
        case FRAME -> {
          heard();
          takeFrame(splitter.frame());
        }
        case TOO_LARGE -> refuseFrame(splitter.length());
        case GARBAGE ->
            fail(
                0,
                Refusal.malformed(
                    "frame: a length of more than 5 bytes or 31 bits (expected: at most "
                        + door.maxFrameBytes()
                        + ")"));
      }
    }
    return false;
  }

  private boolean isFull() {
    return proving || tooFast || session != null && (session.isFull() || !hasRoom());
  }

  private void pause(boolean pause) {
    if (pause != paused) {
      paused = pause;
      setReading(!pause);
      if (!pause) {
        heard();
      }
    }
  }

  /** Refuses what came faster than it may, and takes nothing more for a moment. */
  void refuseForAWhile(long ref, Refusal refusal) {
    refuse(ref, refusal);
    if (!tooFast) {
      tooFast = true;
      loop().eventLoop().schedule(this::endWhile, PublishRate.PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void endWhile() {
    tooFast = false;
    if (!isGone()) {
      goOn();
      flush();
    }
  }

  /** Something was answered or taken by the peer: goes on if it had to wait for that. */
  void goOn() {
    if (paused && !isFull()) {
      decode();
    } else {
      endIfServed();
    }
  }

  @Override
  protected void onRoom() {
    if (session != null && state == State.OPEN) {
      session.onRoom();
      goOn();
      flush();
    }
  }

  private void takeFrame(ByteBuf bytes) {
    byte[] copy = ByteBufUtil.getBytes(bytes);
    bytes.release();
    ClientFrame frame;
    try {
      frame = ClientFrame.parseFrom(copy);
    } catch (InvalidProtocolBufferException e) {
      // What was read of it, by which the client can tell which one it was.
      long ref = e.getUnfinishedMessage() instanceof ClientFrame begun ? begun.getRef() : 0;
      Refusal refusal =
          Refusal.malformed("frame: not a ClientFrame of posthaste.v1: " + e.getMessage());
      if (session == null) {
        fail(ref, refusal);
      } else {
        refuse(ref, refusal);
      }
      return;
    }
    if (session == null) {
      greet(frame);
      return;
    }
    try {
      session.take(frame);
    } catch (MalformedException e) {
      refuse(frame.getRef(), Refusal.malformed(String.valueOf(e.getMessage())));
    }
  }

  private void refuseFrame(long length) {
    String detail = "frame: " + length + " bytes (expected: at most " + door.maxFrameBytes() + ")";
    if (session == null) {
      fail(
          0,
          Refusal.of(
              ErrorCode.TOO_LARGE,
              "frame: " + length + " bytes (expected: a Hello, at most " + MAX_HELLO_BYTES + ")"));
    } else if (length > door.maxFrameBytes() + MAX_SKIPPED_BYTES) {
      fail(0, Refusal.of(ErrorCode.TOO_LARGE, detail));
    } else {
      refuse(splitter.skipFrame(), Refusal.of(ErrorCode.TOO_LARGE, detail));
    }
  }

  // ---- the introduction ----

  /** A first frame of ours begins with a ref or a Hello; other protocols' first bytes do not. */
  private boolean isStranger() {
    int first = splitter.peek();
    return first >= 0 && first != REF_TAG && first != HELLO_TAG
        || splitter.next(MAX_HELLO_BYTES) == FrameSplitter.Next.GARBAGE;
  }

  private void refuseStranger() {
    write(ByteBufUtil.writeUtf8(alloc(), TO_STRANGERS));
    end();
  }

  private void greet(ClientFrame frame) {
    if (frame.getOpCase() != ClientFrame.OpCase.HELLO) {
      fail(
          frame.getRef(),
          Refusal.of(
              ErrorCode.HELLO_EXPECTED, "the first frame is not a Hello (expected: a Hello)"));
      return;
    }
    Hello hello = frame.getHello();
    if (!hello.getProtocol().equals(PROTOCOL)) {
      fail(
          frame.getRef(),
          Refusal.of(
              ErrorCode.UNSUPPORTED_PROTOCOL,
              "protocol: not spoken here (expected: \"" + PROTOCOL + "\")"));
      return;
    }
    if (hello.getClient().length() > MAX_CLIENT_CHARS) {
      fail(
          frame.getRef(),
          Refusal.malformed(
              "client: "
                  + hello.getClient().length()
                  + " characters (expected: at most "
                  + MAX_CLIENT_CHARS
                  + ")"));
      return;
    }
    Access access = door.guard().access();
    if (access == null) {
      welcome(frame.getRef(), hello, Session.UNCHECKED);
      return;
    }
    if (access.obstacle().isEmpty() && (hello.getAuthorization().isEmpty() || !access.isSetUp())) {
      ClientCertificate certificate = access.isSetUp() ? clientCertificate() : null;
      if (certificate == null) {
        admit(frame.getRef(), hello, access.anybody());
      } else {
        admit(frame.getRef(), hello, access.proved(certificate.commonName()));
      }
      return;
    }
    prove(frame.getRef(), hello, access);
  }

  private void prove(long ref, Hello hello, Access access) {
    CompletableFuture<Proved> proof;
    try {
      Credential shown = Credential.ofHeader(hello.getAuthorization());
      proof = access.prove(shown, clientAddress()).toCompletableFuture();
    } catch (MalformedException e) {
      fail(ref, Refusal.of(Guard.unauthenticated(String.valueOf(e.getMessage()))));
      return;
    }
    if (proof.isDone()) {
      onProved(ref, hello, proof);
      return;
    }
    proving = true;
    clearTimer();
    proof.whenComplete(
        (proved, failure) ->
            shard()
                .execute(
                    () -> {
                      proving = false;
                      if (state == State.NEW && !isGone()) {
                        onProved(ref, hello, proof);
                        goOn();
                        flush();
                      }
                    }));
  }

  private void onProved(long ref, Hello hello, CompletableFuture<Proved> proof) {
    if (proof.isCompletedExceptionally()) {
      fail(ref, Refusal.failed());
    } else {
      admit(ref, hello, proof.join());
    }
  }

  private void admit(long ref, Hello hello, Proved proved) {
    if (proved instanceof Proved.Admitted admitted) {
      welcome(ref, hello, admitted.session());
    } else {
      fail(ref, Refusal.of(Guard.problem(proved)));
    }
  }

  /** Lets somebody in who proved nothing, if there is anything that he may. */
  private void admit(long ref, Hello hello, Session session) {
    if (session.grants().isEmpty()) {
      fail(ref, Refusal.forbidden(session, "anything"));
    } else {
      welcome(ref, hello, session);
    }
  }

  private void welcome(long ref, Hello hello, Session who) {
    if (!countFor(who)) {
      fail(ref, Refusal.of(Guard.tooManyConnections(who)));
      return;
    }
    TcpOptions options = door.options();
    heartbeatMillis = options.heartbeatMillis(hello.getHeartbeatMillis());
    session = new TcpSession(this, who);
    state = State.OPEN;
    Welcome welcome =
        Welcome.newBuilder()
            .setServer(options.server())
            .setEpoch(door.hub().epoch())
            .setHeartbeatMillis(heartbeatMillis)
            .setMaxFrameBytes(door.maxFrameBytes())
            .setMaxReaders(options.readers())
            .setMaxPolls(options.polls())
            .setMaxUnanswered(options.unanswered())
            .build();
    write(ServerFrame.newBuilder().setRef(ref).setWelcome(welcome).build());
    lastSent = now();
    startHeartbeats();
    setTimer(spread());
  }

  // ---- what goes ----

  /** Queues bytes, taken over. */
  void write(ByteBuf bytes) {
    unflushed = true;
    send(bytes);
  }

  /** Queues a frame. */
  void write(ServerFrame frame) {
    write(Frames.encode(alloc(), frame));
  }

  /** Gives what is queued to the kernel. */
  void flush() {
    if (unflushed) {
      unflushed = false;
      lastSent = now();
      flushBytes();
    }
  }

  /** Whether more can be written now. */
  boolean isWritable() {
    return hasRoom();
  }

  /** Whether the peer is there to be told anything. */
  boolean isOpen() {
    return state == State.OPEN && !isGone();
  }

  void refuse(long ref, Refusal refusal) {
    write(ServerFrame.newBuilder().setRef(ref).setError(refusal.toError()).build());
  }

  /** Says what is wrong and ends the connection. */
  private void fail(long ref, Refusal refusal) {
    Error error = refusal.toError().toBuilder().setClosing(true).build();
    write(ServerFrame.newBuilder().setRef(ref).setError(error).build());
    end();
  }

  // ---- heartbeats ----

  @Override
  protected void onTimer() {
    switch (state) {
      case NEW ->
          fail(
              0,
              Refusal.of(
                  ErrorCode.HELLO_EXPECTED,
                  "no Hello came within "
                      + door.options().helloLimit().toMillis()
                      + " ms (expected: a Hello at once)"));
      case OPEN -> beat();
      case ENDING -> close();
    }
  }

  private void beat() {
    long now = now();
    if (paused || isSending()) {
      // We do not listen, or it has not yet been given what it would answer.
      heard();
    }
    if (now - lastHeard >= (long) SILENT_HEARTBEATS * heartbeatMillis) {
      fail(
          0,
          Refusal.of(
              ErrorCode.SILENT,
              "nothing came for "
                  + (now - lastHeard)
                  + " ms (expected: a frame at least every "
                  + heartbeatMillis
                  + ", as a Pong for each Ping)"));
      return;
    }
    long due = heartbeatMillis * 3L / 4;
    boolean quiet = now - lastSent >= due;
    boolean unheard = now - Math.max(lastHeard, lastPing) >= due;
    TcpSession open = session;
    if ((quiet || unheard) && hasRoom() && open != null) {
      open.tellPlaces();
      write(ServerFrame.newBuilder().setPing(Ping.getDefaultInstance()).build());
      lastPing = now;
      flush();
    }
    if (state == State.OPEN) {
      setTimer(Math.min(spread(), Math.max(1, lastHeard + 3L * heartbeatMillis - now())));
    }
  }

  /** Somewhat less than a heartbeat, so that not all connections speak at once. */
  private long spread() {
    return heartbeatMillis * 3L / 4
        + ThreadLocalRandom.current().nextInt(Math.max(1, heartbeatMillis / 4));
  }

  // ---- the end ----

  @Override
  protected void onHalfClosed() {
    if (state != State.OPEN || session == null) {
      close();
      return;
    }
    halfClosed = true;
    session.onNoMoreRequests();
    endIfServed();
    flush();
  }

  /** A peer that sends no more has its connection closed once all it asked for is answered. */
  private void endIfServed() {
    if (halfClosed && !paused && !decoding && session != null && session.isIdle()) {
      state = State.ENDING;
      splitter.close();
      session.close();
      flush();
      closeWhenSent();
    }
  }

  @Override
  protected void onShutdown(int retryMillis) {
    if (state == State.NEW || session == null) {
      close();
    } else if (state == State.OPEN) {
      session.finish(() -> sayGoodbye(retryMillis));
    }
  }

  private void sayGoodbye(int retryMillis) {
    if (isOpen()) {
      Goodbye goodbye =
          Goodbye.newBuilder()
              .setRetryMillis(retryMillis)
              .setReason("the server goes down; come back in " + retryMillis + " ms")
              .build();
      write(ServerFrame.newBuilder().setGoodbye(goodbye).build());
      end();
    }
  }

  /**
   * Sends what is queued, says that nothing follows, and waits until the peer has read it: closing
   * at once could have the peer's kernel throw the last words away (RFC 1122, 4.2.2.13).
   */
  private void end() {
    state = State.ENDING;
    splitter.close();
    if (session != null) {
      session.close();
    }
    flush();
    if (isGone()) {
      return;
    }
    setReading(true);
    setTimer(LINGER_MILLIS);
    endSending();
  }

  @Override
  protected void onAccessChanged() {
    TcpSession open = session;
    if (open != null && state == State.OPEN) {
      if (open.isOver()) {
        fail(0, Refusal.forbidden(open.who(), "anything"));
      } else {
        open.onAccessChanged();
      }
    }
  }

  @Override
  protected Use use() {
    TcpSession open = session;
    return open == null ? new Use(TcpDoor.NAME, List.of(), List.of()) : open.use();
  }

  @Override
  protected void onGone() {
    state = State.ENDING;
    splitter.close();
    if (session != null) {
      session.close();
    }
    if (counted) {
      door.cache(loop()).onGone();
    }
  }
}
