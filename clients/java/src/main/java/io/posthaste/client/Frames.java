package io.posthaste.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Splits what comes from a socket, whose reads time out soon, into frames. For one thread. */
abstract class Frames {
  final int maxBytes;
  byte[] buffer = new byte[16 << 10];

  /** Where in the buffer what was not yet taken begins. */
  int from;

  /** Where in the buffer it ends. */
  int to;

  private final InputStream in;

  Frames(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  /**
   * The next frame; null when the sink wants to leave, or the server has said that it does.
   *
   * @throws IOException if it breaks a rule, or not a byte came for so long
   */
  final byte @Nullable [] next(Duration silenceLimit, Sink sink) throws IOException {
    long heardNanos = System.nanoTime();
    while (true) {
      byte[] frame = whole();
      if (frame != null || hasEnded()) {
        return frame;
      }
      makeRoom();
      try {
        int length = in.read(buffer, to, buffer.length - to);
        if (length < 0) {
          throw new EOFException("the server ended the connection");
        }
        to += length;
        heardNanos = System.nanoTime();
      } catch (SocketTimeoutException quiet) {
        if (System.nanoTime() - heardNanos > silenceLimit.toNanos()) {
          throw Waiting.tooLate("a byte", silenceLimit, quiet);
        }
      }
      if (sink.leaves()) {
        return null;
      }
    }
  }

  /** Takes a frame that has wholly arrived out of the buffer; null if there is none. */
  abstract byte @Nullable [] whole() throws IOException;

  /** Whether the server has said that nothing comes any more. */
  boolean hasEnded() {
    return false;
  }

  /** Refuses a length that is too large before its bytes come. */
  final void checkLength(long length) throws IOException {
    if (length > maxBytes) {
      throw new IOException("a frame of " + length + " bytes (expected: at most " + maxBytes + ")");
    }
  }

  private void makeRoom() {
    if (from > 0) {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      from = 0;
    }
    if (to == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2); // at most twice the largest frame
    }
  }
}
