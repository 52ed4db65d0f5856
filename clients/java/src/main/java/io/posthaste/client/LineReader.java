package io.posthaste.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines of a body that does not end. To be used by one thread. */
final class LineReader {
  private final Chunks chunks;
  private final int maxBytes;
  private final Deque<ByteBuffer> buffers = new ArrayDeque<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  LineReader(Chunks chunks, int maxBytes) {
    this.chunks = chunks;
    this.maxBytes = maxBytes;
  }

  /**
   * The next line without its end, LF or CR LF; null where no whole line is left, or if the sink
   * wants to leave.
   */
  byte @Nullable [] next(Duration silenceLimit, Sink sink)
      throws IOException, InterruptedException {
    while (true) {
      for (ByteBuffer buffer = buffers.peek(); buffer != null; buffer = buffers.peek()) {
        if (takeLine(buffer)) {
          return finished();
        }
        buffers.remove();
      }
      List<ByteBuffer> more = chunks.take(silenceLimit, sink);
      if (more == null) {
        return null;
      }
      buffers.addAll(more);
    }
  }

  /** What has come of a line that has no end. */
  byte[] partial() {
    return line.toByteArray();
  }

  /** Moves bytes up to the line's end, which is skipped; false if the buffer ended before it. */
  private boolean takeLine(ByteBuffer buffer) throws IOException {
    int from = buffer.position();
    int to = from;
    while (to < buffer.limit() && buffer.get(to) != '\n') {
      to++;
    }
    if (line.size() + (to - from) > maxBytes) {
      throw new IOException("a line of more than " + maxBytes + " bytes");
    }
    byte[] part = new byte[to - from];
    buffer.get(part);
    line.write(part, 0, part.length);
    if (to == buffer.limit()) {
      return false;
    }
    buffer.position(to + 1);
    return true;
  }

  private byte[] finished() {
    byte[] whole = line.toByteArray();
    line.reset();
    boolean carriageReturn = whole.length > 0 && whole[whole.length - 1] == '\r';
    return carriageReturn ? Arrays.copyOf(whole, whole.length - 1) : whole;
  }
}
