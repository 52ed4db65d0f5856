package io.posthaste.client;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Frames of the binary protocol: a length as a varint, and so many bytes. */
final class TcpFrames extends Frames {
  private static final int MAX_LENGTH_BYTES = 5;

  TcpFrames(InputStream in, int maxBytes) {
    super(in, maxBytes);
  }

  @Override
  byte @Nullable [] whole() throws IOException {
    long length = 0;
    for (int i = 0; i < MAX_LENGTH_BYTES && from + i < to; i++) {
      byte next = buffer[from + i];
      length |= (long) (next & 0x7f) << 7 * i;
      if (next >= 0) {
        checkLength(length);
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
}
