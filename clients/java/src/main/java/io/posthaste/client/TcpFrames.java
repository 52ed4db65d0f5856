package io.posthaste.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Splits what comes from a socket, whose reads time out soon, into frames. For one thread. */
final class TcpFrames {
  private static final int MAX_LENGTH_BYTES = 5;

  private final InputStream in;
  private final int maxBytes;
  private byte[] buffer = new byte[16 << 10];
  private int from;
  private int to;

  TcpFrames(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  /**
   * The next frame; null when the sink wants to leave.
   *
   * @throws IOException if it breaks a rule, or not a byte came for so long
   */
  byte @Nullable [] next(Duration silenceLimit, Sink sink) throws IOException {
    long heardNanos = System.nanoTime();
    while (true) {
      byte[] frame = whole();
      if (frame != null) {
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

  /** A frame that has wholly arrived. */
  private byte @Nullable [] whole() throws IOException {
    long length = 0;
    for (int i = 0; i < MAX_LENGTH_BYTES && from + i < to; i++) {
      byte next = buffer[from + i];
      length |= (long) (next & 0x7f) << 7 * i;
      if (next >= 0) {
        if (length > maxBytes) {
          throw new IOException(
              "a frame of " + length + " bytes (expected: at most " + maxBytes + ")");
        }
        int begin = from + i + 1;
        if (to - begin < length) {
          return null;
        }
        from = begin + (int) length;
        return Arrays.copyOfRange(buffer, begin, from);
      }
      if (i == MAX_LENGTH_BYTES - 1) {
        throw new IOException("not the binary protocol: a length without an end");
      }
    }
    return null;
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
