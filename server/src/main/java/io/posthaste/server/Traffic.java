package io.posthaste.server;

import java.util.concurrent.atomic.LongAdder;

/** What has passed through the server so far, and what is open now. Safe for all threads. */
public final class Traffic {
  private final LongAdder accepted = new LongAdder();
  private final LongAdder closed = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder stallsCut = new LongAdder();
  private final LongAdder halfOpenCut = new LongAdder();
  private final LongAdder streams = new LongAdder();
  private final LongAdder webSockets = new LongAdder();
  private final LongAdder held = new LongAdder();
  private final LongAdder[] answers = new LongAdder[6];
  private final LongAdder[] handshakes = new LongAdder[Handshake.values().length];

  /** How a TLS handshake ended. */
  public enum Handshake {
    /** As it should. */
    DONE,
    /** The two do not agree, or one did not believe the other. */
    FAILED,
    /** It was not over in time. */
    SLOW,
    /** The client did not speak TLS at all. */
    PLAIN
  }

  Traffic() {
    for (int i = 0; i < answers.length; i++) {
      answers[i] = new LongAdder();
    }
    for (int i = 0; i < handshakes.length; i++) {
      handshakes[i] = new LongAdder();
    }
  }

  /** Connections open now, of every kind. */
  public long connections() {
    return accepted.sum() - closed.sum();
  }

  /** Connections accepted so far. */
  public long accepted() {
    return accepted.sum();
  }

  /** HTTP streams open now. */
  public long streams() {
    return streams.sum();
  }

  /** WebSockets open now. */
  public long webSockets() {
    return webSockets.sum();
  }

  /** HTTP requests held now. */
  public long held() {
    return held.sum();
  }

  /** Bytes given to the kernel or waiting for it, so far. */
  public long bytesOut() {
    return bytesOut.sum();
  }

  /** Bytes received so far. */
  public long bytesIn() {
    return bytesIn.sum();
  }

  /** Connections cut because their peer accepted nothing for too long. */
  public long stallsCut() {
    return stallsCut.sum();
  }

  /** Connections cut because their peer's TCP had fallen silent. */
  public long halfOpenCut() {
    return halfOpenCut.sum();
  }

  /** HTTP answers so far whose status begins with this digit. */
  public long answers(int statusClass) {
    return answers[statusClass].sum();
  }

  /** TLS handshakes so far that ended so. */
  public long handshakes(Handshake end) {
    return handshakes[end.ordinal()].sum();
  }

  void onHandshake(Handshake end) {
    handshakes[end.ordinal()].increment();
  }

  void onAccepted() {
    accepted.increment();
  }

  void onClosed() {
    closed.increment();
  }

  void onBytesOut(long bytes) {
    bytesOut.add(bytes);
  }

  void onBytesIn(long bytes) {
    bytesIn.add(bytes);
  }

  void onStallCut() {
    stallsCut.increment();
  }

  void onHalfOpenCut() {
    halfOpenCut.increment();
  }

  void onStreams(int change) {
    streams.add(change);
  }

  void onWebSockets(int change) {
    webSockets.add(change);
  }

  void onHeld(int change) {
    held.add(change);
  }

  void onAnswer(int status) {
    answers[Math.min(5, status / 100)].increment();
  }
}
