package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection that has become a WebSocket (RFC 6455). Sends frames that are encoded already, and
 * its own pings as heartbeats; reads through a {@link WebSocketInput}, which exists only while a
 * frame or message is incomplete.
 */
final class WebSocketConnection extends Connection implements WebSocket, WebSocketInput.Events {
  private static final ByteBuf PING =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeShort(0x8900).asReadOnly());
  private static final int MAX_REASON = 123;

  private final HttpServer server;
  private final WebSocketListener listener;
  private final int limit;
  private @Nullable WebSocketInput input;
  private boolean isCloseSent;
  private boolean isEnded; // nothing more is read
  private boolean isPaused;

  WebSocketConnection(HttpServer server, Loop loop, WebSocketListener listener, int limit) {
    super(loop, server.limits().connection());
    this.server = server;
    this.listener = listener;
    this.limit = limit;
  }

  // ---- sending ----

  @Override
  public boolean write(Encoded unit) {
    if (isCloseSent || isGone()) {
      return true;
    }
    sendShared(unit.framed());
    return hasRoom();
  }

  @Override
  public boolean write(ByteBuf prefix, Encoded rest) {
    if (isCloseSent || isGone()) {
      prefix.release();
      return true;
    }
    sendHead(prefix.readableBytes() + rest.body().readableBytes(), prefix);
    send(rest.body().retainedDuplicate());
    return hasRoom();
  }

  @Override
  public boolean write(ByteBuf unit) {
    if (isCloseSent || isGone()) {
      unit.release();
      return true;
    }
    sendHead(unit.readableBytes(), unit);
    return hasRoom();
  }

  private void sendHead(int length, ByteBuf begin) {
    ByteBuf head = alloc().directBuffer(10 + begin.readableBytes());
    Encoded.writeTextFrameHead(head, length);
    head.writeBytes(begin);
    begin.release();
    send(head);
  }

  @Override
  public void flush() {
    flushBytes();
  }

  @Override
  public boolean isWritable() {
    return hasRoom();
  }

  @Override
  public void end() {
    close(1000, "");
  }

  @Override
  public void close(int code, String reason) {
    if (isCloseSent || isGone()) {
      return;
    }
    if (!WebSocketInput.mayStandOnTheWire(code)) {
      throw new IllegalArgumentException("close code: " + code + " may not be sent");
    }
    sendClose(code, reason);
    setTimer(server.limits().closeTime().toMillis());
    setReading(true);
    flush();
  }

  @Override
  public void pause(long millis) {
    if (isPaused || isCloseSent || isGone()) {
      return;
    }
    isPaused = true;
    setReading(false);
    loop().eventLoop().schedule(this::endPause, millis, TimeUnit.MILLISECONDS);
  }

  private void endPause() {
    isPaused = false;
    if (!isGone() && hasRoom()) {
      setReading(true);
    }
  }

  private void sendClose(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MAX_REASON);
    while (length < text.length && length > 0 && (text[length] & 0xc0) == 0x80) {
      length--; // not within a character
    }
    ByteBuf frame = alloc().directBuffer(4 + length);
    frame.writeByte(0x88).writeByte(2 + length).writeShort(code).writeBytes(text, 0, length);
    send(frame);
    isCloseSent = true;
  }

  // ---- receiving ----

  @Override
  protected void onBytes(ByteBuf bytes) {
    if (isEnded) {
      bytes.release();
      return;
    }
    WebSocketInput before = input;
    WebSocketInput reader = before;
    if (reader == null) {
      input = reader = new WebSocketInput(this, limit);
    }
    reader.read(alloc(), bytes);
    if (input == reader && reader.isIdle()) {
      input = null;
    }
    timeMessage(input != null && before == null, input == null && before != null);
    flush();
    if (!isGone() && !hasRoom() && !isCloseSent) {
      setReading(false); // it does not read what it caused: no more of that for now
    }
  }

  @Override
  public boolean isOpen() {
    return !isEnded && !isGone();
  }

  @Override
  public void onText(ByteBuf text) {
    if (!isCloseSent) {
      listener.onText(text);
    }
  }

  @Override
  public void onPing(ByteBuf payload) {
    if (!isCloseSent) {
      ByteBuf pong = alloc().directBuffer(2 + payload.readableBytes());
      pong.writeByte(0x8a).writeByte(payload.readableBytes()).writeBytes(payload);
      send(pong);
    }
  }

  @Override
  public void onClose(int code) {
    isEnded = true;
    if (!isCloseSent) {
      if (code == WebSocketInput.NO_CODE) {
        send(alloc().directBuffer(2).writeShort(0x8800));
        isCloseSent = true;
      } else {
        sendClose(code, "");
      }
    }
    closeWhenSent();
  }

  @Override
  public void onBroken(int code, String why) {
    isEnded = true;
    if (!isCloseSent) {
      sendClose(code, why);
    }
    setTimer(server.limits().closeTime().toMillis());
    setReading(true);
    endSending();
  }

  // ---- life ----

  @Override
  protected void onOpened() {
    loop().traffic().onWebSockets(1);
    startHeartbeats();
    listener.onOpen(this);
    flush();
    if (loop().isDraining()) {
      loop().eventLoop().execute(() -> onShutdown(0));
    }
  }

  @Override
  protected void onRoom() {
    if (!isPaused || isCloseSent) {
      setReading(true);
    }
    if (!isCloseSent) {
      listener.onWritable();
    }
  }

  @Override
  protected void onSilence() {
    if (!isCloseSent) {
      send(PING.duplicate());
      listener.onHeartbeat();
      flush();
    }
  }

  @Override
  protected void onTimer() {
    WebSocketInput reader = input;
    if (isCloseSent || isEnded || reader == null) {
      close();
    } else if (!hasRoom() || isPaused || reader.hasProgressed(server.limits().bodyPeriodBytes())) {
      // Where there is no room it is we who do not read.
      setTimer(server.limits().bodyPeriod().toMillis());
    } else {
      onBroken(
          1008,
          "message: came too slowly (expected: %d bytes, or its rest, each %d s)"
              .formatted(
                  server.limits().bodyPeriodBytes(), server.limits().bodyPeriod().toSeconds()));
      reader.release();
      input = null;
    }
  }

  /** An incomplete message is held to what a request's body is held to. */
  private void timeMessage(boolean isBegun, boolean isDone) {
    if (isCloseSent || isEnded || isGone()) {
      return; // the timer is that of the close
    }
    if (isBegun) {
      setTimer(server.limits().bodyPeriod().toMillis());
    } else if (isDone) {
      clearTimer();
    }
  }

  @Override
  protected void onShutdown(int retryMillis) {
    if (!isCloseSent && !isGone()) {
      listener.onShutdown(retryMillis);
    }
  }

  @Override
  protected void onAccessChanged() {
    if (!isCloseSent && !isGone()) {
      listener.onAccessChanged();
    }
  }

  @Override
  protected ConnectionQuota quota() {
    return server.quota();
  }

  @Override
  protected Use use() {
    return listener.use();
  }

  @Override
  protected void onGone() {
    isEnded = true;
    if (input != null) {
      input.release();
      input = null;
    }
    loop().traffic().onWebSockets(-1);
    listener.onClosed();
  }
}
